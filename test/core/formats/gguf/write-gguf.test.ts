import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesSource, openByteSource, type ByteSource } from '../../../../core/formats/byte-source.js'
import type { GgufArray, GgufTensor, GgufValue } from '../../../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../../../core/formats/gguf/read-gguf.js'
import { writeGguf, writingGguf } from '../../../../core/formats/gguf/write-gguf.js'
import { caughtError } from '../../../support/caught-error.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { assembleGguf, tinyGguf } from '../../../support/tiny-gguf.js'

const integerRanges = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 4_294_967_295],
  int32: [-2_147_483_648, 2_147_483_647],
} as const
const scalars = [
  ...Object.entries(integerRanges).map(([type, [min, max]]) => ({ type, value: fc.integer({ min, max }) })),
  { type: 'float32', value: fc.float({ noNaN: true }) },
  { type: 'float64', value: fc.double({ noNaN: true }) },
  { type: 'uint64', value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: 'int64', value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: 'bool', value: fc.boolean() },
  { type: 'string', value: fc.string({ unit: 'grapheme' }) },
]
const values = fc.oneof(
  ...scalars.flatMap(({ type, value }) => {
    const items = fc.array<string | number | bigint | boolean>(value, { maxLength: 5 })
    const arrays = items.map((list) => ({ itemType: type as GgufArray['itemType'], items: list }))
    return [
      fc.record({ type: fc.constant(type), value }),
      fc.record({ type: fc.constant('array'), value: arrays }),
    ]
  }),
) as fc.Arbitrary<GgufValue>
const metadata = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), values), { selector: ([key]) => key })
  .map((entries) => new Map(entries.filter(([key]) => key !== 'general.alignment')))

/** Data of one to three vectors of bytes; type I8. */
const tensorData = fc.array(fc.uint8Array({ minLength: 1, maxLength: 70 }), { maxLength: 3 })

function dataOf(source: ByteSource, tensor: GgufTensor): Uint8Array {
  return source.read(tensor.offset, tensor.byteLength)
}

it('reads back every kind of metadata and tensor that it wrote, in the same order', () => {
  fc.assert(
    fc.property(metadata, tensorData, fc.constantFrom(2 as const, 3 as const), (entries, data, version) => {
      const outlines = data.map((bytes, index) => {
        const name = `tensor ${index}`
        return [
          name,
          { name, type: 'I8', shape: [bytes.byteLength], byteLength: bytes.byteLength, bytes },
        ] as const
      })
      const content = { version, alignment: 32, metadata: entries, tensors: new Map(outlines) }
      const source = bytesSource(
        assembleGguf(content, (tensor) => tensor.bytes),
        'made',
      )
      const file = readGguf(source)
      expect(file.version).toBe(version)
      expect([...file.metadata]).toEqual([...entries])
      expect([...file.tensors.values()].map((tensor) => dataOf(source, tensor))).toEqual(data)
    }),
  )
})

it('writes a file that it read back to the same bytes', () => {
  const bytes = tinyGguf({ biases: ['attn_q'], hasRopeFactors: true, outputType: 'F16' })
  const source = bytesSource(bytes, 'tiny')
  const path = join(temporaryFolder(), 'copy.gguf')
  writeGguf(path, readGguf(source), (tensor) => dataOf(source, tensor), { overwrite: false })
  expect(Buffer.compare(readFileSync(path), bytes)).toBe(0)
})

it('opens what it wrote from the disk', () => {
  const source = bytesSource(tinyGguf(), 'tiny')
  const path = join(temporaryFolder(), 'copy.gguf')
  const original = readGguf(source)
  writeGguf(path, original, (tensor) => dataOf(source, tensor), { overwrite: false })
  const copy = openByteSource(path)
  expect(readGguf(copy)).toEqual({ ...original, path })
  copy.close()
})

it('refuses tensor data of the wrong length and leaves no file', () => {
  const path = join(temporaryFolder(), 'copy.gguf')
  const file = readGguf(bytesSource(tinyGguf(), 'tiny'))
  const error = caughtError(() => writeGguf(path, file, () => new Uint8Array(3), { overwrite: false }))
  expect(error.code).toBe('export-mismatch')
  expect(error.message).toMatch("tensor 'token_embd.weight': expected 4352 bytes, found 3")
  expect(existsSync(path)).toBe(false)
})

it('leaves nothing behind where it is left in the middle', () => {
  const source = bytesSource(tinyGguf(), 'tiny')
  const folder = temporaryFolder()
  const file = readGguf(source)
  const path = join(folder, 'copy.gguf')
  const writing = writingGguf(path, file, (tensor) => dataOf(source, tensor), { overwrite: false })
  const count = file.tensors.size
  expect(writing.next().value).toEqual({ done: 0, count })
  expect(writing.next().value).toEqual({ done: 1, count })
  expect(readdirSync(folder)).toHaveLength(1)
  writing.return()
  expect(readdirSync(folder)).toEqual([])
})
