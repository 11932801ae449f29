import onnxProto from 'onnx-proto'
import type { ByteSource } from '../byte-source.js'
import { int64 } from './int64.js'
import type { MessageField } from './message-fields.js'
import type { OnnxNode } from './onnx-graph.js'

const { onnx } = onnxProto
const { FLOAT, INT, STRING } = onnx.AttributeProto.AttributeType

/** Larger nodes have graphs or tables inside, which nothing here asks for. */
export const mostNodeBytes = 2 ** 16

const opaqueNode: OnnxNode = {
  name: '',
  operator: '',
  domain: '',
  inputs: [],
  outputs: [],
  attributes: new Map(),
}

/** Reads a node; a very large one is left as one without name and operator. Throws as the protobuf library does. */
export function readNode(source: ByteSource, { valueStart, end }: MessageField): OnnxNode {
  if (end - valueStart > mostNodeBytes) return opaqueNode
  const { name, opType, domain, input, output, attribute } = onnx.NodeProto.decode(
    source.read(valueStart, end - valueStart),
  )
  const attributes = attribute.flatMap(({ name: key, type, i, f, s }): [string, number | string][] => {
    if (key == null) return []
    if (type === INT) return [[key, int64(i)]]
    if (type === FLOAT) return [[key, f ?? 0]]
    return type === STRING ? [[key, new TextDecoder().decode(s ?? undefined)]] : []
  })
  return {
    name,
    operator: opType,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs: input,
    outputs: output,
    attributes: new Map(attributes),
  }
}
