import {
  ggufScalarTypes,
  type GgufArray,
  type GgufFile,
  type GgufTensor,
  type GgufValue,
} from './gguf-file.js'
import { HeaderWriter } from './header-writer.js'
import { tensorTypeNumber } from './tensor-types.js'

type Scalar = GgufArray['items'][number]

/** A tensor without its place, which follows from the tensors before it. */
export type TensorOutline = Omit<GgufTensor, 'offset'>

/** What a GGUF file consists of, apart from the tensors' data. */
export type GgufContent<T extends TensorOutline = TensorOutline> = Pick<
  GgufFile,
  'version' | 'alignment' | 'metadata'
> & {
  /** In the order of the file; data follows in the same order. */
  readonly tensors: ReadonlyMap<string, T>
}

/** The bytes of a header with its padding, and how much follows. */
export interface GgufLayout {
  readonly header: Uint8Array
  /** Of the whole file. */
  readonly byteLength: number
}

/**
 * Lays out a GGUF file: metadata and tensors in their given order, every tensor's data (the last one's too) padded to the
 * alignment.
 *
 * Source: GGUF specification, docs/gguf.md of ggml.
 */
export function formatHeader(content: GgufContent): GgufLayout {
  const writer = new HeaderWriter()
  writer.uint32(Buffer.from('GGUF').readUInt32LE())
  writer.uint32(content.version)
  writer.uint64(BigInt(content.tensors.size))
  writer.uint64(BigInt(content.metadata.size))
  for (const [key, value] of content.metadata) {
    writer.string(key)
    writeValue(writer, value)
  }
  let relativeOffset = 0
  for (const tensor of content.tensors.values()) {
    writeTensorEntry(writer, tensor, relativeOffset)
    relativeOffset += tensor.byteLength + paddingBytes(tensor.byteLength, content.alignment)
  }
  writer.align(content.alignment)
  const header = writer.bytes()
  return { header, byteLength: header.byteLength + relativeOffset }
}

/** Bytes from `byteLength` to the next multiple of `alignment`. */
export function paddingBytes(byteLength: number, alignment: number): number {
  return (alignment - (byteLength % alignment)) % alignment
}

function writeTensorEntry(writer: HeaderWriter, tensor: TensorOutline, relativeOffset: number): void {
  writer.string(tensor.name)
  writer.uint32(tensor.shape.length)
  for (const length of tensor.shape.toReversed()) writer.uint64(BigInt(length))
  writer.uint32(tensorTypeNumber(tensor.type))
  writer.uint64(BigInt(relativeOffset))
}

function writeValue(writer: HeaderWriter, entry: GgufValue): void {
  writer.uint32(ggufScalarTypes.indexOf(entry.type))
  if (entry.type === 'array') writeArray(writer, entry.value)
  else writeScalar(writer, entry.type, entry.value)
}

function writeArray(writer: HeaderWriter, { itemType, items }: GgufArray): void {
  writer.uint32(ggufScalarTypes.indexOf(itemType))
  writer.uint64(BigInt(items.length))
  for (const item of items) writeScalar(writer, itemType, item)
}

/** The conversions change nothing: a value's type follows from `type` (see `GgufValue`). */
function writeScalar(writer: HeaderWriter, type: GgufArray['itemType'], value: Scalar): void {
  if (type === 'string') writer.string(String(value))
  else if (type === 'bool') writer.bool(Boolean(value))
  else if (type === 'uint64' || type === 'int64') writer[type](BigInt(value))
  else writer[type](Number(value))
}
