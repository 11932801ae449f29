import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packCodes, packedByteLength, unpackCodes } from '../../../core/quantization/pack-codes.js'

describe('packing of codes', () => {
  it('puts the first code into the lowest bits', () => {
    const target = new Uint8Array(2)
    packCodes(Uint8Array.of(1, 2, 3), 3, 4, target)
    expect([...target]).toEqual([0x21, 0x03])
    packCodes(Uint8Array.of(3, 0, 1, 2, 2), 5, 2, target)
    expect([...target]).toEqual([0b10010011, 0b10])
  })

  it('is undone by unpacking, for any count', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(2, 4, 8), (bytes, bits) => {
        const codes = bytes.map((byte) => byte & ((1 << bits) - 1))
        const packed = new Uint8Array(packedByteLength(codes.length, bits))
        packCodes(codes, codes.length, bits, packed)
        const unpacked = new Uint8Array(codes.length)
        unpackCodes(packed, codes.length, bits, unpacked)
        expect(unpacked).toEqual(codes)
      }),
    )
  })
})
