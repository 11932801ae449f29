import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packedState, packState, unpackState } from '../../../core/engine/packed-state.js'

const formats = [
  ['int16', 32_767],
  ['int8', 127],
] as const

/** Groups of numbers below it become zeros. */
const tooSmall = 4e-26

describe.each(formats)('a state packed in %s', (format, largestCode) => {
  const through = (values: Float32Array): Float32Array => {
    const packed = packedState(format, values.length + 5)
    packState(values, packed)
    const unpacked = new Float32Array(values.length)
    unpackState(packed, unpacked)
    return unpacked
  }

  it('differs by at most half a scale of its group', () => {
    const values = fc.float32Array({ minLength: 1, maxLength: 100, noNaN: true, min: -1e5, max: 1e5 })
    fc.assert(
      fc.property(values, (state) => {
        through(state).forEach((value, i) => {
          const first = Math.floor(i / 32) * 32
          const largest = Math.max(...state.subarray(first, first + 32).map(Math.abs))
          expect(Math.abs(value - state[i])).toBeLessThanOrEqual((0.5001 * largest) / largestCode + tooSmall)
        })
      }),
    )
  })

  it('keeps zeros, and the largest of a group, exactly', () => {
    const state = Float32Array.of(0, -3, 0, 1, ...new Float32Array(28), 0, 0)
    const unpacked = through(state)
    expect(unpacked[1]).toBeCloseTo(-3, 6)
    expect([...unpacked.slice(4)]).toEqual([...state.slice(4)])
  })

  it('takes numbers too small to scale for zeros', () => {
    expect([...through(Float32Array.of(1e-40, -1e-42))]).toEqual([0, 0])
  })
})
