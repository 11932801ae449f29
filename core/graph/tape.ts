import onnxProto from 'onnx-proto'
import { neededNodes } from './needed-nodes.js'

const { onnx } = onnxProto

/** Element types that our graphs use, with their numbers in onnx.TensorProto.DataType. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const
export type ElementType = keyof typeof elementTypes

/** A dimension: a fixed length, or the name of one that is known only when the graph runs. */
export type Dimension = number | string
/** The name of a value in the graph. The empty string stands for an optional input that is left out. */
export type Value = string
export type Attribute = number | string | readonly number[] | { readonly float: number }

export interface NodeOptions {
  /** Operator set; the standard one unless said. */
  readonly domain?: '' | 'com.microsoft'
  /** How many outputs the node has. */
  readonly outputs?: number
  /** Positions of optional outputs that are not wanted. */
  readonly unused?: readonly number[]
}

/** Values with the data behind them, for weights that live inside a graph or in a file beside it. */
export interface Initializer {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly content:
    | { readonly data: Uint8Array }
    | { readonly location: string; readonly offset: number; readonly length: number }
}

/**
 * The vector-Jacobian product of an operator: from the gradient of its output, the gradient of each of its inputs. Nodes
 * that only one of them needs are added by its own function, so that what nobody asks for costs nothing.
 */
export type Pullback = (outputGradient: Value) => readonly (() => Value)[]

/** How gradients flow back through an operator, from `output` to `inputs`. */
export interface DifferentiableStep {
  readonly output: Value
  readonly inputs: readonly Value[]
  readonly pullback: Pullback
}

const operatorSet = 18
const irVersion = 9

/**
 * Records the nodes of an ONNX graph while it is described, in order of execution. Every value is named once;
 * `node` returns the names of its outputs, so that a graph reads like its equations.
 *
 * Operators also note how gradients flow back through them; `backpropagate` reads these notes, a forward graph does not.
 */
export class Tape {
  readonly #nodes: onnxProto.onnx.INodeProto[] = []
  readonly #inputs: onnxProto.onnx.IValueInfoProto[] = []
  readonly #outputs: onnxProto.onnx.IValueInfoProto[] = []
  readonly #initializers: onnxProto.onnx.ITensorProto[] = []
  readonly #constants = new Map<string, Value>()
  readonly #steps: DifferentiableStep[] = []

  /** The differentiable operators so far, in order. */
  get steps(): readonly DifferentiableStep[] {
    return this.#steps
  }

  /** Notes how gradients flow back from `output` to `inputs`, and returns `output`. */
  differentiable(output: Value, inputs: readonly Value[], pullback: Pullback): Value {
    this.#steps.push({ output, inputs, pullback })
    return output
  }

  /** Declares a graph input; without a shape, it may have any. */
  input(name: string, type: ElementType, shape?: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, shape))
    return name
  }

  /** Adds a node with one output. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: Pick<NodeOptions, 'domain'> = {},
  ): Value {
    return this.nodes(operator, inputs, attributes, { ...options, outputs: 1 })[0]
  }

  /** Adds a node with several outputs. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { domain = '', outputs = 1, unused = [] }: NodeOptions = {},
  ): Value[] {
    const name = `${operator}_${this.#nodes.length}`
    const output = Array.from({ length: outputs }, (_, index) =>
      unused.includes(index) ? '' : index === 0 ? name : `${name}_${index}`,
    )
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
    this.#nodes.push({ opType: operator, domain, name, input: [...inputs], output, attribute })
    return output
  }

  /** A small constant of 64-bit integers, for shapes and axes. Equal constants are stored once. */
  int64(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt)
    return this.#constant('int64', [values.length], new Uint8Array(data.buffer))
  }

  /** A scalar constant of a 64-bit integer. */
  scalarInt64(value: number): Value {
    return this.#constant('int64', [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer))
  }

  /** A scalar constant. */
  float32(value: number): Value {
    return this.#constant('float32', [], new Uint8Array(Float32Array.of(value).buffer))
  }

  /** A table of constants. */
  floats(values: readonly number[], shape: readonly number[]): Value {
    return this.#constant('float32', shape, new Uint8Array(Float32Array.from(values).buffer))
  }

  /** A weight that is part of the model file. */
  initializer({ name, type, shape, content }: Initializer): Value {
    const tensor: onnxProto.onnx.ITensorProto = { name, dataType: elementTypes[type], dims: [...shape] }
    if ('data' in content) {
      tensor.rawData = content.data
    } else {
      tensor.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL
      tensor.externalData = [
        { key: 'location', value: content.location },
        { key: 'offset', value: String(content.offset) },
        { key: 'length', value: String(content.length) },
      ]
    }
    this.#initializers.push(tensor)
    return name
  }

  /** Declares a graph output under a name of its own; without a shape, the runtime infers it. */
  output(name: string, value: Value, type: ElementType, shape?: readonly Dimension[]): void {
    this.#nodes.push({
      opType: 'Identity',
      domain: '',
      name: `output_${name}`,
      input: [value],
      output: [name],
    })
    this.#outputs.push(valueInfo(name, type, shape))
  }

  /** The finished model as the bytes of an ONNX file, with the nodes that an output needs. */
  build(graphName: string): Uint8Array {
    const nodes = neededNodes(
      this.#nodes,
      this.#outputs.map(({ name }) => name ?? ''),
    )
    const used = new Set(nodes.flatMap(({ input }) => input ?? []))
    return onnx.ModelProto.encode({
      irVersion,
      producerName: 'zerotune',
      opsetImport: [
        { domain: '', version: operatorSet },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: graphName,
        node: nodes,
        input: this.#inputs,
        output: this.#outputs,
        initializer: this.#initializers.filter(({ name }) => used.has(name ?? '')),
      },
    }).finish()
  }

  #constant(type: ElementType, shape: readonly number[], data: Uint8Array): Value {
    const key = `${type}:${shape.join()}:${data.join()}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = `constant_${this.#constants.size}`
    this.#constants.set(key, name)
    return this.initializer({ name, type, shape, content: { data } })
  }
}

/** What a graph says of an input or output; without a shape, it may have any. */
export function valueInfo(
  name: string,
  type: ElementType,
  shape?: readonly Dimension[],
): onnxProto.onnx.IValueInfoProto {
  const dim = shape?.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
  return { name, type: { tensorType: { elemType: elementTypes[type], ...(dim && { shape: { dim } }) } } }
}

/** Integers become INT, lists of integers INTS, strings STRING; a float says so, because 1 and 1.0 look alike here. */
export function attributeOf(name: string, value: Attribute): onnxProto.onnx.IAttributeProto {
  const types = onnx.AttributeProto.AttributeType
  if (typeof value === 'number') return { name, type: types.INT, i: value }
  if (typeof value === 'string') return { name, type: types.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: types.FLOAT, f: value.float }
  return { name, type: types.INTS, ints: [...value] }
}
