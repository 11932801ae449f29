import type onnxProto from 'onnx-proto'
import { attributeOf, type Attribute, type Value } from './tape.js'

/** What is put after a graph's own nodes, and what comes out in place of its own outputs. */
export interface GraphEnd {
  readonly nodes: readonly onnxProto.onnx.INodeProto[]
  readonly inputs: readonly onnxProto.onnx.IValueInfoProto[]
  readonly outputs: readonly onnxProto.onnx.IValueInfoProto[]
}

/** A node with one output, which it is named after. */
export function endNode(
  operator: string,
  inputs: readonly Value[],
  output: Value,
  attributes: Readonly<Record<string, Attribute>> = {},
): onnxProto.onnx.INodeProto {
  return {
    name: `${output}.node`,
    opType: operator,
    input: [...inputs],
    output: [output],
    attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)),
  }
}
