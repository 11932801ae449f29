import onnxProto from 'onnx-proto'
import protobuf from 'protobufjs/minimal.js'
import type { ByteSource } from '../byte-source.js'
import { fieldsOf, type MessageField } from './message-fields.js'
import type { OnnxTensor } from './onnx-graph.js'
import { graphFields, malformedOnnx, modelFields, readingOnnx } from './read-onnx.js'
import { mostNodeBytes } from './read-node.js'
import { dataFields, readTensor } from './read-tensor.js'
import { readValue } from './read-value.js'

const { onnx } = onnxProto
const { EXTERNAL } = onnx.TensorProto.DataLocation
const { INT } = onnx.AttributeProto.AttributeType
const float32 = 1

/** Far above what any graph says beside its tensors' raw data. */
const mostGraphBytes = 64 * 2 ** 20
/** Smaller tensors stay in the graph: the runtime takes lengths of others from them. */
const leastMovedBytes = 1024

/** What is different in a graph that runs in the place of a file's. */
export interface OnnxEdits {
  /** Constants of floats that become inputs in float32; the graph's nodes get them in their own type. */
  readonly promoted: readonly PromotedTensor[]
  /** An attribute that all nodes of one operator get, a whole number. */
  readonly attribute: { readonly operator: string; readonly name: string; readonly value: number }
  /** Nodes and inputs beside the graph's own. */
  readonly added: Pick<onnxProto.onnx.IGraphProto, 'node' | 'input'>
  /** What a file with data is called in the rewritten graph, by its name in the file's; null stands for the file itself. */
  readonly locationOf: (location: string | null) => string
  /** In place of the graph's own. */
  readonly outputs: readonly onnxProto.onnx.IValueInfoProto[]
}

/** A constant that becomes an input. */
export type PromotedTensor = Pick<OnnxTensor, 'name' | 'dtype' | 'shape'>

/** The name of the input that a promoted constant becomes. */
export function promotedInput({ name, dtype }: Omit<PromotedTensor, 'shape'>): string {
  return dtype === 'F32' ? name : `${name}.float32`
}

/**
 * A file's graph with edits, as the bytes of another file that takes larger tensors from where they are: in the file itself and
 * beside it, in the folder that is told to the runtime.
 *
 * @throws EngineError `model-malformed`, for a graph that is too large beside its tensors' raw data among others
 */
export function rewriteOnnx(source: ByteSource, edits: OnnxEdits): Uint8Array {
  return readingOnnx(source, () => bounded(source, modelParts(source, edits)))
}

function* modelParts(source: ByteSource, edits: OnnxEdits): Generator<Uint8Array> {
  for (const field of fieldsOf(source, 0, source.byteLength)) {
    if (field.number !== modelFields.graph || !field.isDelimited) {
      yield readField(source, field)
      continue
    }
    const graph = bounded(source, graphParts(source, field, edits))
    yield protobuf.Writer.create()
      .uint32((modelFields.graph << 3) | 2)
      .bytes(graph)
      .finish()
  }
}

function* graphParts(source: ByteSource, graph: MessageField, edits: OnnxEdits): Generator<Uint8Array> {
  const { promoted, added, outputs } = edits
  const byName = new Map(promoted.map((tensor) => [tensor.name, tensor]))
  yield encoded({ node: promoted.flatMap(castOf) })
  for (const field of fieldsOf(source, graph.valueStart, graph.end)) {
    switch (field.isDelimited ? field.number : 0) {
      case graphFields.node:
        yield rewriteNode(source, field, edits.attribute)
        break
      case graphFields.initializer: {
        const tensor = readTensor(source, field)
        if (!byName.has(tensor.name)) yield rewriteTensor(source, field, tensor, edits)
        break
      }
      case graphFields.input:
        if (!byName.has(readValue(source, field).name)) yield readField(source, field)
        break
      case graphFields.output:
        break
      default:
        yield readField(source, field)
    }
  }
  yield encoded({
    node: added.node ?? [],
    input: [...promoted.map(inputOf), ...(added.input ?? [])],
    output: [...outputs],
  })
}

/** Fields of a graph, which another graph can have beside its own. */
function encoded(fields: onnxProto.onnx.IGraphProto): Uint8Array {
  return onnx.GraphProto.encode(fields).finish()
}

function inputOf(tensor: PromotedTensor): onnxProto.onnx.IValueInfoProto {
  const dim = tensor.shape.map((dimValue) => ({ dimValue }))
  return { name: promotedInput(tensor), type: { tensorType: { elemType: float32, shape: { dim } } } }
}

const halves: Readonly<Record<string, number>> = { F16: 10, BF16: 16 }

/** What gives nodes a promoted tensor in their own type. */
function castOf(tensor: PromotedTensor): onnxProto.onnx.INodeProto[] {
  if (tensor.dtype === 'F32') return []
  const to = { name: 'to', type: INT, i: halves[tensor.dtype] }
  const input = promotedInput(tensor)
  return [{ name: `${input}.cast`, opType: 'Cast', input: [input], output: [tensor.name], attribute: [to] }]
}

function rewriteNode(
  source: ByteSource,
  field: MessageField,
  { operator, name, value }: OnnxEdits['attribute'],
): Uint8Array {
  const bytes = readField(source, field)
  if (field.end - field.valueStart > mostNodeBytes) return bytes
  const node = onnx.NodeProto.decode(bytes.subarray(field.valueStart - field.start))
  if (node.opType !== operator) return bytes
  const others = node.attribute.filter((attribute) => attribute.name !== name)
  node.attribute = [...others, { name, type: INT, i: value }]
  return encoded({ node: [node] })
}

/** A tensor whose data stays where it is, where it is large or in another file. */
function rewriteTensor(
  source: ByteSource,
  field: MessageField,
  { place, byteLength }: OnnxTensor,
  { locationOf }: OnnxEdits,
): Uint8Array {
  const isSmall = place.kind === 'inside' && place.byteLength < leastMovedBytes
  if (place.kind === 'numbers' || isSmall) return readField(source, field)
  const head = [...fieldsOf(source, field.valueStart, field.end)]
    .filter(({ number }) => !dataFields.has(number))
    .map((each) => readField(source, each))
  const data = onnx.TensorProto.encode({
    dataLocation: EXTERNAL,
    externalData: [
      { key: 'location', value: locationOf(place.kind === 'beside' ? place.location : null) },
      { key: 'offset', value: String(place.offset) },
      { key: 'length', value: String(place.byteLength ?? byteLength) },
    ],
  }).finish()
  const tensor = Buffer.concat([...head, data])
  return protobuf.Writer.create()
    .uint32((graphFields.initializer << 3) | 2)
    .bytes(tensor)
    .finish()
}

function readField(source: ByteSource, { start, end }: MessageField): Uint8Array {
  if (end - start > mostGraphBytes) throw tooLarge(source)
  return source.read(start, end - start)
}

function bounded(source: ByteSource, parts: Iterable<Uint8Array>): Uint8Array {
  const kept: Uint8Array[] = []
  let byteLength = 0
  for (const part of parts) {
    byteLength += part.byteLength
    if (byteLength > mostGraphBytes) throw tooLarge(source)
    kept.push(part)
  }
  return Buffer.concat(kept)
}

function tooLarge({ path }: ByteSource): Error {
  return malformedOnnx(path, 'graph', `expected up to ${mostGraphBytes} bytes beside raw data, found more`)
}
