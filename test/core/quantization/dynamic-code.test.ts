import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dynamicCode, type DynamicCode } from '../../../core/quantization/dynamic-code.js'
import { fillNormals } from '../../../core/random/directions.js'
import { fillRoundingNoise } from '../../../core/random/rounding-noise.js'

const signed = dynamicCode(8, true)
const unsigned = dynamicCode(8, false)

describe('the dynamic code', () => {
  it('has the published levels in eight bits', () => {
    const positive = [...signed.levels].filter((level) => level > 0)
    expectClose(positive.slice(0, 4), [5.5e-7, 3.25e-6, 7.75e-6, 2.125e-5])
    expectClose(positive.slice(-2), [0.1 + 0.9 * (63.5 / 64), 1])
    expect(signed.levels).toHaveLength(256)
    expect(signed.levels.indexOf(0)).toBe(127)
    const negative = [...signed.levels].filter((level) => level < 0)
    expect(negative.reverse().map((level) => -level)).toEqual(positive.slice(0, -1))
  })

  it('has twice as many positive levels a decade without a sign', () => {
    expectClose([...unsigned.levels.slice(1, 4)], [3.25e-7, 7.75e-7, 2.125e-6])
    expect(unsigned.levels).toHaveLength(256)
    expect([unsigned.levels[0], unsigned.levels[255]]).toEqual([0, 1])
  })

  it('has the published levels in four bits', () => {
    const magnitudes = [0.0055, 0.0325, 0.0775, 0.2125, 0.4375, 0.6625, 0.8875]
    const { levels } = dynamicCode(4, true)
    expectClose([...levels], [...magnitudes.map((level) => -level).reverse(), 0, ...magnitudes, 1])
  })

  it.each([
    ['eight bits', signed],
    ['four bits', dynamicCode(4, true)],
  ])('finds the nearest of all levels in %s', (_, code) => {
    fc.assert(
      fc.property(values(-1), (value) => {
        const nearest = Math.min(...code.levels.map((level) => Math.abs(level - value)))
        expect(Math.abs(decoded(code, Float32Array.of(value))[0] - value)).toBeCloseTo(nearest, 7)
      }),
      { examples: [[0], [1], [-1], [5.5e-7], [-0.1]] },
    )
  })

  it('gives every level its own code', () => {
    for (const code of [signed, unsigned]) expect(decoded(code, code.levels)).toEqual(code.levels)
  })

  it('never turns a positive value into zero without a sign', () => {
    expect([...decoded(unsigned, Float32Array.of(0, 1e-12, 1e-40))]).toEqual([
      0,
      unsigned.levels[1],
      unsigned.levels[1],
    ])
  })

  // Limits of the released code's own tests, for blocks of 256.
  it.each([
    ['normal values', signed, normals, 0.011, 0.018],
    ['even values', signed, evens, 0.0036, 0.015],
    ['even values without a sign', unsigned, evens, 0.0023, 0.012],
  ])('errs no more than published on %s', (_, code, draw, absolute, relative) => {
    const errors = { absolute: 0, relative: 0 }
    const blocks = 400
    const all = draw(256 * blocks)
    for (let block = 0; block < blocks; block++) {
      const sample = all.subarray(256 * block, 256 * (block + 1))
      const scale = Math.max(...sample.map(Math.abs))
      decoded(
        code,
        sample.map((value) => value / scale),
      ).forEach((level, i) => {
        const error = Math.abs(level * scale - sample[i]) / (256 * blocks)
        errors.absolute += error
        errors.relative += error / Math.abs(sample[i] + 1e-8)
      })
    }
    expect(errors.absolute).toBeLessThan(absolute)
    expect(errors.relative).toBeLessThan(relative)
  })
})

function decoded(code: DynamicCode, source: Float32Array): Float32Array {
  const copy = source.slice()
  const codes = new Uint8Array(copy.length)
  code.encode(copy, new Uint32Array(copy.buffer), codes, copy.length)
  return Float32Array.from(codes, (index) => code.levels[index])
}

/** Numbers of every size in lowest … 1. */
function values(lowest: number): fc.Arbitrary<number> {
  return fc.float({ min: lowest, max: 1, noNaN: true })
}

function normals(count: number): Float32Array {
  const draws = new Float64Array(count)
  fillNormals(draws, 1, 'w')
  return Float32Array.from(draws)
}

/** Even in 0 … 1. */
function evens(count: number): Float32Array {
  const draws = new Float32Array(count)
  fillRoundingNoise(draws, new Uint32Array(count / 2), 1, 'w', 0, 0)
  return draws.map((draw) => draw + 0.5)
}

/** Equal to six digits. */
function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length)
  expected.forEach((value, i) =>
    expect(found[i]).toBeCloseTo(value, value === 0 ? 12 : 6 - Math.log10(Math.abs(value))),
  )
}
