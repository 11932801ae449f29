import { ggufScalarTypes, type GgufArray, type GgufValue, type GgufValueType } from './gguf-file.js'
import type { HeaderReader } from './header-reader.js'
import { ggufLimits } from './limits.js'

/** The shortest entry: a key's length, a type, a value of one byte. */
const smallestEntryBytes = 8 + 4 + 1

/** Reads `count` entries of metadata, in the file's order. Throws `model-malformed`. */
export function readMetadata(reader: HeaderReader, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>()
  let itemsLeft: number = ggufLimits.arrayItems
  for (let index = 0; index < count; index++) {
    reader.where = `metadata entry ${index}`
    const key = reader.string(ggufLimits.keyBytes)
    reader.where = `metadata '${key}'`
    if (metadata.has(key)) throw reader.malformed('the key occurs twice')
    const value = readValue(reader, itemsLeft)
    if (value.type === 'array') itemsLeft -= value.value.items.length
    metadata.set(key, value)
  }
  return metadata
}

/** Reads how many entries follow. Throws `model-malformed`. */
export function readMetadataCount(reader: HeaderReader): number {
  reader.where = 'metadata count'
  return reader.count('metadata entries', ggufLimits.metadataCount, smallestEntryBytes)
}

function readValue(reader: HeaderReader, itemLimit: number): GgufValue {
  const type = readType(reader)
  switch (type) {
    case 'array':
      return { type, value: readArray(reader, itemLimit) }
    case 'string':
      return { type, value: reader.string() }
    case 'bool':
      return { type, value: reader.bool() }
    case 'uint64':
      return { type, value: reader.uint64() }
    case 'int64':
      return { type, value: reader.int64() }
    default:
      return { type, value: reader[type]() }
  }
}

function readType(reader: HeaderReader): GgufValueType {
  const number = reader.uint32()
  const type = ggufScalarTypes.at(number)
  if (type === undefined) {
    throw reader.malformed(`expected a value type from 0 to ${ggufScalarTypes.length - 1}, found ${number}`)
  }
  return type
}

const itemBytes: Readonly<Record<GgufArray['itemType'], number>> = {
  uint8: 1,
  int8: 1,
  bool: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  uint64: 8,
  int64: 8,
  float64: 8,
  string: 8,
}

function readArray(reader: HeaderReader, itemLimit: number): GgufArray {
  const itemType = readType(reader)
  if (itemType === 'array') throw reader.malformed('expected an array of plain values, found one of arrays')
  const count = reader.count('array items', itemLimit, itemBytes[itemType])
  const items: (string | number | bigint | boolean)[] = []
  for (let index = 0; index < count; index++) items.push(reader[itemType]())
  return { itemType, items }
}
