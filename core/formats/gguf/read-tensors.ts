import type { HeaderReader } from './header-reader.js'
import { ggufLimits } from './limits.js'
import { tensorType, tensorTypeName } from './tensor-types.js'

/** The shortest entry: a name's length, a dimension count, a type, an offset. */
const smallestEntryBytes = 8 + 4 + 4 + 8

/** One tensor as the header lists it. */
export interface TensorEntry {
  readonly name: string
  readonly type: string
  /** Row major. */
  readonly shape: readonly number[]
  /** From the start of the tensor data. */
  readonly relativeOffset: number
  /** Null where the type, and so its size, is unknown. */
  readonly byteLength: number | null
}

/** Reads how many tensors follow. Throws `model-malformed`. */
export function readTensorCount(reader: HeaderReader): number {
  reader.where = 'tensor count'
  return reader.count('tensors', ggufLimits.tensorCount, smallestEntryBytes)
}

/** Reads `count` entries of the list of tensors. Throws `model-malformed`. */
export function readTensorEntries(reader: HeaderReader, count: number): TensorEntry[] {
  const names = new Set<string>()
  const entries: TensorEntry[] = []
  for (let index = 0; index < count; index++) {
    reader.where = `tensor entry ${index}`
    const name = reader.string(ggufLimits.tensorNameBytes)
    reader.where = `tensor '${name}'`
    if (names.has(name)) throw reader.malformed('the name occurs twice')
    names.add(name)
    entries.push(readEntry(reader, name))
  }
  return entries
}

function readEntry(reader: HeaderReader, name: string): TensorEntry {
  const shape = readShape(reader)
  const typeNumber = reader.uint32()
  const byteLength = tensorBytes(reader, shape, typeNumber)
  const relativeOffset = readSafeInteger(reader, 'an offset')
  return { name, type: tensorTypeName(typeNumber), shape, relativeOffset, byteLength }
}

function readShape(reader: HeaderReader): number[] {
  const dimensions = reader.uint32()
  if (dimensions < 1 || dimensions > ggufLimits.dimensions) {
    throw reader.malformed(`expected 1 to ${ggufLimits.dimensions} dimensions, found ${dimensions}`)
  }
  const columnsFirst = Array.from({ length: dimensions }, () => readSafeInteger(reader, 'a dimension'))
  if (columnsFirst.includes(0)) throw reader.malformed('expected dimensions of at least 1, found 0')
  const elements = columnsFirst.reduce((product, length) => product * length, 1)
  if (elements > ggufLimits.tensorElements) {
    throw reader.malformed(`expected at most ${ggufLimits.tensorElements} values, found ${elements}`)
  }
  return columnsFirst.reverse()
}

function tensorBytes(reader: HeaderReader, shape: readonly number[], typeNumber: number): number | null {
  const type = tensorType(typeNumber)
  if (!type) return null
  const columns = shape.at(-1) ?? 0
  if (columns % type.blockLength !== 0) {
    const blocks = `a multiple of ${type.blockLength} columns for ${type.name}`
    throw reader.malformed(`expected ${blocks}, found ${columns}`)
  }
  const elements = shape.reduce((product, length) => product * length, 1)
  return (elements / type.blockLength) * type.blockBytes
}

function readSafeInteger(reader: HeaderReader, what: string): number {
  const value = reader.uint64()
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw reader.malformed(`expected ${what} below 2^53, found ${value.toString()}`)
  }
  return Number(value)
}
