import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { hashingModel, hashModel } from '../../../core/model/hash.js'

it('is the SHA-256 of the file', () => {
  // The published vector of FIPS 180-2.
  expect(hashModel(bytesSource(Buffer.from('abc'), 'abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
  const bytes = Uint8Array.from({ length: 9_000_001 }, (_, index) => (index * 7) % 251)
  expect(hashModel(bytesSource(bytes, 'long'))).toBe(createHash('sha256').update(bytes).digest('hex'))
})

it('changes with any bit', () => {
  const bytes = new Uint8Array(100)
  const before = hashModel(bytesSource(bytes, 'file'))
  bytes[99] = 1
  expect(hashModel(bytesSource(bytes, 'file'))).not.toBe(before)
})

it('says how much of a large file was read', () => {
  const source = bytesSource(Buffer.alloc(9 * 2 ** 20), 'large')
  expect([...hashingModel(source)]).toEqual([4, 8, 9].map((megabytes) => megabytes * 2 ** 20))
})
