import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitsHalf, floatToHalf, halfToFloat } from '../../../core/quantization/half-float.js'

const allBits = Array.from({ length: 65_536 }, (_, bits) => bits)

it('knows the values of the standard', () => {
  const golden: readonly (readonly [number, number])[] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ]
  for (const [bits, value] of golden) {
    expect(halfToFloat(bits)).toBe(value)
    expect(floatToHalf(value)).toBe(bits)
  }
})

it('gives back all 65,536 half floats', () => {
  const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > 0x7c00
  const wrong = allBits.filter((bits) => !isNaNBits(bits) && floatToHalf(halfToFloat(bits)) !== bits)
  expect(wrong).toEqual([])
  expect(allBits.filter((bits) => isNaNBits(bits) !== Number.isNaN(halfToFloat(bits)))).toEqual([])
})

it('rounds every midpoint to the even neighbour, and anything beside it to the nearest', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = (halfToFloat(bits) + halfToFloat(bits + 1)) / 2
    const even = bits % 2 === 0 ? bits : bits + 1
    const rounded = [middle, middle * (1 - 2 ** -50), middle * (1 + 2 ** -50)].map(floatToHalf)
    if (rounded[0] !== even || rounded[1] !== bits || rounded[2] !== bits + 1) expect.fail(`around ${bits}`)
  }
})

it('keeps the sign of every value', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(floatToHalf(-value)).toBe(floatToHalf(value) ^ 0x8000)
    }),
  )
})

it('tells from where on values round to infinity', () => {
  expect([65_504, 65_519.99, -65_519.99].every(fitsHalf)).toBe(true)
  expect([65_520, -65_520, Infinity, NaN].some(fitsHalf)).toBe(false)
  expect([65_519.99, 65_520].map(floatToHalf)).toEqual([0x7bff, 0x7c00])
})
