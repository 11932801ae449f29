import { openSync, closeSync, ftruncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesSource, openByteSource } from '../../../../core/formats/byte-source.js'
import { HeaderWriter } from '../../../../core/formats/gguf/header-writer.js'
import { readGguf } from '../../../../core/formats/gguf/read-gguf.js'
import type { EngineError } from '../../../../core/schema/engine-error.js'
import { caughtError } from '../../../support/caught-error.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { tinyGguf } from '../../../support/tiny-gguf.js'

const path = 'model.gguf'
const magic = Buffer.from('GGUF').readUInt32LE()

function read(bytes: Uint8Array): ReturnType<typeof readGguf> {
  return readGguf(bytesSource(bytes, path))
}

function failure(bytes: Uint8Array): EngineError {
  return caughtError(() => read(bytes))
}

/** A header with the given counts, and what `body` writes after them. */
function header(tensors: number, entries: number, body: (writer: HeaderWriter) => void = () => undefined) {
  const writer = new HeaderWriter()
  for (const word of [magic, 3]) writer.uint32(word)
  for (const count of [tensors, entries]) writer.uint64(BigInt(count))
  body(writer)
  return writer.bytes()
}

interface RawTensor {
  readonly name?: string
  /** Columns first, as in the file. */
  readonly lengths?: readonly number[]
  readonly type?: number
  readonly offset?: number
}

/** A file with the given tensors, F32 vectors of 8 unless said, and 64 bytes of data. */
function fileWith(tensors: readonly RawTensor[], dataBytes = 64): Uint8Array {
  return header(tensors.length, 0, (writer) => {
    tensors.forEach(({ name = 'a', lengths = [8], type = 0, offset = 0 }) => {
      writer.string(name)
      writer.uint32(lengths.length)
      for (const length of lengths) writer.uint64(BigInt(length))
      writer.uint32(type)
      writer.uint64(BigInt(offset))
    })
    writer.align(32)
    for (let index = 0; index < dataBytes; index++) writer.uint8(index)
  })
}

/** A file with one entry of metadata. */
function fileWithEntry(body: (writer: HeaderWriter) => void, key = 'some.key'): Uint8Array {
  return header(0, 1, (writer) => {
    writer.string(key)
    body(writer)
  })
}

it('reads a header written by hand, byte by byte', () => {
  const bytes = Buffer.concat([
    Buffer.from('GGUF'),
    Buffer.from([3, 0, 0, 0]),
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from('k'),
    Buffer.from([4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from('t'),
    Buffer.from([2, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(14),
    Buffer.alloc(40),
  ])
  const file = read(bytes)
  expect(file).toMatchObject({ path, version: 3, alignment: 32, byteLength: bytes.byteLength })
  expect([...file.metadata]).toEqual([['k', { type: 'uint32', value: 4_294_967_295 }]])
  const tensor = { name: 't', type: 'Q4_1', shape: [2, 32], offset: file.dataOffset, byteLength: 40 }
  expect([...file.tensors.values()]).toEqual([tensor])
})

it('opens an alignment other than 32, and lists tensors in the order of the header', () => {
  const bytes = header(2, 1, (writer) => {
    writer.string('general.alignment')
    for (const word of [4, 64]) writer.uint32(word)
    for (const [name, offset] of [
      ['second', 64n],
      ['first', 0n],
    ] as const) {
      writer.string(name)
      writer.uint32(1)
      writer.uint64(8n)
      writer.uint32(0)
      writer.uint64(offset)
    }
    writer.align(64)
    for (let word = 0; word < 24; word++) writer.uint32(word)
  })
  const file = read(bytes)
  expect(file.dataOffset % 64).toBe(0)
  expect([...file.tensors.values()].map(({ name, offset }) => [name, offset - file.dataOffset])).toEqual([
    ['second', 64],
    ['first', 0],
  ])
})

it('names types that it cannot size, and gives them the bytes up to the next tensor', () => {
  const tensors = [
    { name: 'odd', type: 99 },
    { name: 'next', offset: 32 },
  ]
  const [odd] = [...read(fileWith(tensors)).tensors.values()]
  expect(odd).toMatchObject({ type: 'type 99', byteLength: 32 })
})

describe('a file that is not a GGUF', () => {
  it.each([
    ['an empty file', ''],
    ['a text file', 'This is not a model.\n'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n'],
    ['a web page', '<!DOCTYPE html>\n<html></html>'],
    ['a JSON file', '{"model_type": "llama"}'],
    ['a zip archive', 'PK\x03\x04\x00\x00\x00'],
    ['a GGML file from before GGUF', 'tjgg\x03\x00\x00\x00'],
    ['an ONNX model', '\x08\x08\x12\x07pytorch'],
    ['a safetensors file', '\x40\x00\x00\x00\x00\x00\x00\x00{"__metadata__":{}}'],
    ['the bytes 9f8e7d6c', '\x9f\x8e\x7d\x6c'],
  ])('is said to look like %s', (what, content) => {
    const error = failure(Buffer.from(content, 'latin1'))
    expect(error.code).toBe('model-malformed')
    expect(error.message).toMatch(`found ${what}`)
  })
})

describe('a version or byte order that cannot be read', () => {
  it.each([
    ['GGUF version 1', [1, 0, 0, 0]],
    ['GGUF version 4', [4, 0, 0, 0]],
    ['big-endian GGUF', [0, 0, 0, 3]],
  ])('is named: %s', (feature, version) => {
    const error = failure(Buffer.concat([Buffer.from('GGUF'), Buffer.from(version), Buffer.alloc(100)]))
    expect(error.code).toBe('model-unsupported')
    expect(error.details).toEqual({ path, feature })
  })
})

describe('a malformed header is refused, naming the place', () => {
  it.each([
    ['a huge tensor count', header(2 ** 48, 0), 'tensor count', 'expected at most 65536 tensors'],
    ['a huge metadata count', header(0, 2 ** 52), 'metadata count', 'expected at most 65536'],
    ['more tensors than bytes', header(1000, 0), 'tensor count', 'do not fit into the 8 bytes'],
    ['a huge key', header(0, 1, (w) => fillLong(w, 2n ** 63n)), 'metadata entry 0', 'bytes of text'],
    ['a key past the end', header(0, 1, (w) => fillLong(w, 50n)), 'metadata entry 0', 'do not fit'],
    ['an unknown value type', fileWithEntry((w) => w.uint32(13)), "metadata 'some.key'", 'found 13'],
    ['a boolean of 2', fileWithEntry(boolOfTwo), "metadata 'some.key'", 'found 2'],
    ['a huge text', fileWithEntry(hugeText), "metadata 'some.key'", '8388608'],
    ['text that is not UTF-8', fileWithEntry(invalidText), "metadata 'some.key'", 'expected UTF-8'],
    ['a huge array', fileWithEntry((w) => arrayStart(w, 4, 2n ** 60n)), "metadata 'some.key'", '2097152'],
    [
      'an array past the end',
      fileWithEntry((w) => arrayStart(w, 4, 99n)),
      "metadata 'some.key'",
      'do not fit',
    ],
    [
      'nested arrays',
      fileWithEntry((w) => arrayStart(w, 9, 1n)),
      "metadata 'some.key'",
      'found one of arrays',
    ],
    ['a key that occurs twice', header(0, 2, twoEqualKeys), "metadata 'k'", 'occurs twice'],
    ['an alignment of 24', alignmentOf(24), "metadata 'general.alignment'", 'found 24'],
    ['an alignment of 0', alignmentOf(0), "metadata 'general.alignment'", 'found 0'],
    ['an alignment of 128 KiB', alignmentOf(131_072), "metadata 'general.alignment'", 'found 131072'],
    ['equal tensor names', fileWith([{}, { offset: 32 }]), "tensor 'a'", 'occurs twice'],
    ['no dimensions', fileWith([{ lengths: [] }]), "tensor 'a'", 'found 0'],
    ['five dimensions', fileWith([{ lengths: [1, 1, 1, 1, 1] }]), "tensor 'a'", 'found 5'],
    ['an empty dimension', fileWith([{ lengths: [0, 8] }]), "tensor 'a'", 'found 0'],
    ['a product past 2^64', fileWith([{ lengths: [2 ** 40, 2 ** 40] }]), "tensor 'a'", 'found 1.2'],
    ['a dimension of 2^60', fileWith([{ lengths: [2 ** 60] }]), "tensor 'a'", 'below 2^53'],
    [
      'half a block',
      fileWith([{ lengths: [16], type: 2 }]),
      "tensor 'a'",
      'a multiple of 32 columns for Q4_0',
    ],
    ['an offset off the alignment', fileWith([{ offset: 8 }]), "tensor 'a'", 'a multiple of 32, found 8'],
    ['data past the end', fileWith([{ lengths: [17] }]), "tensor 'a'", 'its data ends at byte'],
    ['an offset past the end', fileWith([{ offset: 2 ** 40 }]), "tensor 'a'", 'its data ends at byte'],
    [
      'overlapping tensors',
      fileWith([{ lengths: [16] }, { name: 'b', offset: 32 }]),
      "tensor 'a'",
      'overlap',
    ],
    ['tensors in one place', fileWith([{}, { name: 'b' }]), "tensor 'a'", 'overlap'],
    ['an unknown type past the end', fileWith([{ type: 99, offset: 96 }]), "tensor 'a'", 'its data ends'],
  ])('%s', (_, bytes, where, message) => {
    const error = failure(bytes)
    expect(error.code).toBe('model-malformed')
    expect(error.details).toEqual({ path, where })
    expect(error.message).toMatch(message)
  })
})

function fillLong(writer: HeaderWriter, length: bigint): void {
  writer.uint64(length)
  for (let index = 0; index < 8; index++) writer.uint32(0)
}

function boolOfTwo(writer: HeaderWriter): void {
  writer.uint32(7)
  writer.uint8(2)
}

function hugeText(writer: HeaderWriter): void {
  writer.uint32(8)
  writer.uint64(2n ** 40n)
}

function invalidText(writer: HeaderWriter): void {
  writer.uint32(8)
  writer.uint64(2n)
  writer.uint16(0xffff)
}

function arrayStart(writer: HeaderWriter, itemType: number, count: bigint): void {
  writer.uint32(9)
  writer.uint32(itemType)
  writer.uint64(count)
  writer.uint64(0n)
}

function twoEqualKeys(writer: HeaderWriter): void {
  for (const value of [1, 2]) {
    writer.string('k')
    writer.uint32(0)
    writer.uint8(value)
  }
}

function alignmentOf(value: number): Uint8Array {
  const entry = (writer: HeaderWriter): void => {
    writer.uint32(4)
    writer.uint32(value)
  }
  return fileWithEntry(entry, 'general.alignment')
}

it('refuses a file cut off at any place', () => {
  const bytes = tinyGguf({ layers: 1, width: 32, heads: 2, feedForward: 32 })
  const { dataOffset } = read(bytes)
  const ends = Array.from({ length: dataOffset }, (_, end) => end)
  for (let end = dataOffset; end < bytes.byteLength - 32; end += 101) ends.push(end)
  for (const end of ends) {
    expect(failure(bytes.subarray(0, end)).code).toBe('model-malformed')
  }
})

it('does not allocate what a header of a large file claims', () => {
  const file = join(temporaryFolder(), 'huge.gguf')
  const claims = fileWithEntry((writer) => {
    writer.uint32(8)
    writer.uint64(2n ** 29n)
  })
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, claims)
  ftruncateSync(descriptor, 2 ** 31)
  closeSync(descriptor)
  const source = openByteSource(file)
  const before = process.memoryUsage().rss
  expect(caughtError(() => readGguf(source)).message).toMatch('expected at most 8388608 bytes of text')
  expect(process.memoryUsage().rss - before).toBeLessThan(20e6)
  source.close()
})

it('stops where a header of a large file goes on for ever', () => {
  const file = join(temporaryFolder(), 'endless.gguf')
  const claims = header(0, 60_000, (writer) => {
    writer.string('first')
    for (const word of [9, 0]) writer.uint32(word)
    writer.uint64(2n ** 21n)
  })
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, claims)
  ftruncateSync(descriptor, 2 ** 31)
  closeSync(descriptor)
  const source = openByteSource(file)
  // Zeros read as entries with an empty key, so the second of them is a duplicate.
  expect(caughtError(() => readGguf(source)).message).toMatch("metadata ''")
  source.close()
})
