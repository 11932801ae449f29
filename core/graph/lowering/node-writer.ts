import onnxProto from 'onnx-proto'
import { attributeOf, elementTypes, type Attribute, type ElementType } from '../tape.js'

const { onnx } = onnxProto

/** Writes the nodes that take the place of others, and the constants that they need. */
export class NodeWriter {
  readonly nodes: onnxProto.onnx.INodeProto[] = []
  readonly #constants = new Map<string, onnxProto.onnx.ITensorProto>()

  /** The constants so far. */
  get constants(): onnxProto.onnx.ITensorProto[] {
    return [...this.#constants.values()]
  }

  /** Takes a node over as it is. */
  keep(node: onnxProto.onnx.INodeProto): void {
    this.nodes.push(node)
  }

  /**
   * Adds a node of the standard operators, unless `domain` says others.
   *
   * @param output the name of its output; one of its own unless said
   */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `lowered_${this.nodes.length}`,
    domain: '' | 'com.microsoft' = '',
  ): string {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
    this.nodes.push({
      opType: operator,
      domain,
      name: `${operator}_${output}`,
      input: [...inputs],
      output: [output],
      attribute,
    })
    return output
  }

  /** A single 64-bit integer. */
  scalarInt64(value: number): string {
    return this.#constant('int64', [], BigInt64Array.of(BigInt(value)))
  }

  /** A list of 64-bit integers. */
  int64(values: readonly number[]): string {
    return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  /** A number. */
  float32(value: number): string {
    return this.#constant('float32', [], Float32Array.of(value))
  }

  #constant(type: ElementType, dims: number[], data: Float32Array | BigInt64Array): string {
    const name = `lowered_${type}_${dims.length}_${data.join('_')}`
    const rawData = new Uint8Array(data.buffer)
    this.#constants.set(name, onnx.TensorProto.create({ name, dataType: elementTypes[type], dims, rawData }))
    return name
  }
}
