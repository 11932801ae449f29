import onnxProto from 'onnx-proto'
import { EngineError } from '../../schema/engine-error.js'
import type { ByteSource } from '../byte-source.js'
import { int64 } from './int64.js'
import { fieldsOf, type MessageField } from './message-fields.js'
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx-graph.js'
import { readNode } from './read-node.js'
import { readTensor } from './read-tensor.js'
import { readValue } from './read-value.js'

const { onnx } = onnxProto

/** Numbers of fields in onnx.proto. */
export const modelFields = { graph: 7, operatorSet: 8 } as const
export const graphFields = { node: 1, initializer: 5, input: 11, output: 12 } as const

/** Far above any model: those of 80 layers have some thousand nodes. */
export const onnxLimits = {
  modelFields: 4096,
  graphFields: 2 ** 18,
  operatorSetBytes: 1024,
} as const

/**
 * Reads a model in ONNX without its numbers. Nodes and the heads of tensors are decoded one by one, so that memory is bounded by what
 * they say and not by the length of the file.
 *
 * @throws EngineError `model-malformed`, `file-unreadable`
 */
export function readOnnx(source: ByteSource): OnnxGraph {
  return readingOnnx(source, () => readModel(source))
}

/** What reading gives. What the protobuf library throws becomes an EngineError `model-malformed`. */
export function readingOnnx<T>({ path }: ByteSource, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    // What the protobuf library throws has no class of its own.
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw malformedOnnx(path, 'protobuf', reason)
  }
}

/** A file that is no model in ONNX. */
export function malformedOnnx(path: string, where: string, reason: string): EngineError {
  const message = `'${path}' is not a valid ONNX model: ${where}: ${reason}`
  return new EngineError('model-malformed', { path, where }, message)
}

function readModel(source: ByteSource): OnnxGraph {
  let graph: MessageField | null = null
  let operatorSet = 0
  let count = 0
  for (const field of fieldsOf(source, 0, source.byteLength)) {
    count++
    if (count > onnxLimits.modelFields) throw tooMany(source, 'fields', onnxLimits.modelFields)
    if (!field.isDelimited) continue
    if (field.number === modelFields.graph) graph = field
    if (field.number === modelFields.operatorSet)
      operatorSet = Math.max(operatorSet, versionIn(source, field))
  }
  if (graph === null) throw malformedOnnx(source.path, 'graph', 'expected a graph, found none')
  return { operatorSet, ...readGraph(source, graph) }
}

/** The version of the standard operators; 0 for those of another domain. */
function versionIn(source: ByteSource, { valueStart, end }: MessageField): number {
  const { operatorSetBytes } = onnxLimits
  if (end - valueStart > operatorSetBytes) throw tooMany(source, 'bytes of an operator set', operatorSetBytes)
  const set = onnx.OperatorSetIdProto.decode(source.read(valueStart, end - valueStart))
  return set.domain === '' || set.domain === 'ai.onnx' ? int64(set.version) : 0
}

function readGraph(source: ByteSource, graph: MessageField): Omit<OnnxGraph, 'operatorSet'> {
  const nodes: OnnxNode[] = []
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  const tensors = new Map<string, OnnxTensor>()
  let count = 0
  for (const field of fieldsOf(source, graph.valueStart, graph.end)) {
    count++
    if (count > onnxLimits.graphFields) throw tooMany(source, 'fields of the graph', onnxLimits.graphFields)
    if (!field.isDelimited) continue
    if (field.number === graphFields.node) nodes.push(readNode(source, field))
    if (field.number === graphFields.input) inputs.push(readValue(source, field))
    if (field.number === graphFields.output) outputs.push(readValue(source, field))
    if (field.number !== graphFields.initializer) continue
    const tensor = readTensor(source, field)
    if (tensors.has(tensor.name)) {
      throw malformedOnnx(source.path, `tensor '${tensor.name}'`, 'the graph has it twice')
    }
    tensors.set(tensor.name, tensor)
  }
  return { inputs, outputs, nodes, tensors }
}

function tooMany({ path }: ByteSource, what: string, limit: number): EngineError {
  return malformedOnnx(path, 'protobuf', `expected up to ${limit} ${what}, found more`)
}
