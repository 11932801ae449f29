import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeLogarithmic, logarithmicBlock } from '../../../core/quantization/logarithmic-code.js'
import { fillRoundingNoise } from '../../../core/random/rounding-noise.js'

const blocks = fc.float32Array({ minLength: 1, maxLength: 128, min: 0, max: 1e6, noNaN: true })

describe('a block of the logarithmic code', () => {
  it('spans from the quantile 0.1 to the largest value', () => {
    const values = Float32Array.from({ length: 101 }, (_, i) => (100 - i + 1) / 101)
    const { scale, base } = logarithmicBlock(values, 0, values.length)
    expect(scale).toBe(1)
    expect(base ** 3).toBeCloseTo(11 / 101, 5)
  })

  it('takes the quantile between two values, and looks at its own range only', () => {
    const { scale, base } = logarithmicBlock(Float32Array.of(99, 1, 2, 4, 99), 1, 4)
    expect(scale).toBe(4)
    expect(base ** 3).toBeCloseTo((1 + 0.2) / 4, 5)
  })

  it('leaves zeros out', () => {
    expect(logarithmicBlock(Float32Array.of(0, 8, 0, 0), 0, 4)).toEqual({ scale: 8, base: 1 })
    expect(logarithmicBlock(new Float32Array(4), 0, 4)).toEqual({ scale: 0, base: 0 })
  })

  it('has codes 0 to 3 for any values, and decodes to nothing larger than the largest', () => {
    fc.assert(
      fc.property(blocks, (values) => {
        const decoded = roundTrip(values, new Float32Array(values.length))
        const largest = Math.max(...values)
        decoded.forEach((value) => {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(largest)
        })
        expect(Math.max(...decoded)).toBe(largest)
      }),
    )
  })

  it('keeps what is a power of the base, without noise', () => {
    // The quantile 0.1 of 21 values lies on the third: 1 of 1, 1, 1, 2, …
    const values = Float32Array.from({ length: 21 }, (_, i) => (i < 3 ? 1 : 2 ** (i % 4)))
    const decoded = roundTrip(values, new Float32Array(values.length))
    decoded.forEach((value, i) => expect(value).toBeCloseTo(values[i], 4))
  })

  it('is right on average with noise: small changes add up', () => {
    const values = Float32Array.from({ length: 128 }, (_, i) => Math.exp(-i / 40))
    const inside = values.length - 26
    const noise = new Float32Array(128)
    const words = new Uint32Array(64)
    const draws = 400
    const errors: number[] = []
    for (let step = 0; step < draws; step++) {
      fillRoundingNoise(noise, words, 5, 'w', step, 0)
      const decoded = roundTrip(values, noise)
      for (let i = 10; i < inside; i++) errors.push(Math.log(decoded[i] / values[i]))
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length
    expect(Math.abs(mean)).toBeLessThan(3 * Math.sqrt(variance / errors.length))
  })
})

function roundTrip(values: Float32Array, noise: Float32Array): Float32Array {
  const block = logarithmicBlock(values, 0, values.length)
  const codes = new Uint8Array(values.length)
  encodeLogarithmic(values, 0, values.length, block, noise, codes)
  return Float32Array.from(codes, (code) => block.scale * block.base ** code)
}
