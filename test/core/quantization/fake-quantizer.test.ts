import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fakeQuantize,
  fakeQuantizeGradient,
  lsqNormalizer,
  type QuantizedWeights,
} from '../../../core/quantization/fake-quantizer.js'
import { roundingSlope, type RoundingSlope } from '../../../core/quantization/soft-round.js'

/** Two blocks of four, 4 bits: u = 7.3, 9.5, −2 (clamped), 20 (clamped); then 1.25, 14.75, 3, 0.4. */
const quantized: QuantizedWeights = {
  weights: Float32Array.of(-0.35, 0.75, -5, 6, 0.5, 27.5, 4, -1.2),
  scales: Float32Array.of(0.5, 2),
  zeroPoints: Float32Array.of(8, 1),
  blockSize: 4,
  largestCode: 15,
}

describe('the quantizer', () => {
  it('gives what is stored: the nearest level of the block', () => {
    expect([...quantizedOf(quantized)]).toEqual([-0.5, 1, -4, 3.5, 0, 28, 4, -2])
  })

  it('changes nothing that is stored already', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 4, maxLength: 4 }), (codes) => {
        const levels = Float32Array.from(codes, (code) => (code - 8) * 0.25)
        const target = {
          ...quantized,
          weights: levels,
          scales: Float32Array.of(0.25),
          zeroPoints: Float32Array.of(8),
        }
        expect(quantizedOf(target)).toEqual(levels)
      }),
    )
  })
})

describe('the gradient of the quantizer', () => {
  it('passes weights inside the range straight through and stops clamped ones', () => {
    const { weights } = gradientOf('straight-through')
    expect([...weights]).toEqual([1, 2, 0, 0, 5, 6, 7, 8])
  })

  it('has the closed form of LSQ for scales: round(u) − u inside, the level itself where clamped', () => {
    const { scales } = gradientOf('straight-through')
    // 1 · (7 − 7.3) + 2 · (10 − 9.5) + 3 · (0 − 8) + 4 · (15 − 8)
    expect(scales[0]).toBeCloseTo(-0.3 + 1 - 24 + 28, 4)
    // 5 · (1 − 1.25) + 6 · (15 − 14.75) + 7 · 0 + 8 · (0 − 0.4)
    expect(scales[1]).toBeCloseTo(-1.25 + 1.5 - 3.2, 4)
  })

  it('has the closed form of LSQ+ for zero points: −s where clamped, nothing inside', () => {
    const { zeroPoints } = gradientOf('straight-through')
    expect(zeroPoints[0]).toBeCloseTo(-0.5 * (3 + 4), 6)
    expect(zeroPoints[1]).toBeCloseTo(0, 6)
  })

  it('multiplies gradients of scales and zero points by the normalizer, not those of weights', () => {
    const plain = gradientOf('straight-through')
    const normalized = gradientOf('straight-through', lsqNormalizer(4, 7))
    expect(normalized.weights).toEqual(plain.weights)
    normalized.scales.forEach((value, block) =>
      expect(value).toBeCloseTo(plain.scales[block] / Math.sqrt(28), 5),
    )
    normalized.zeroPoints.forEach((value, block) =>
      expect(value).toBeCloseTo(plain.zeroPoints[block] / Math.sqrt(28), 5),
    )
  })

  it('equals differences of the quantizer itself where all weights are clamped', () => {
    const clamped = { ...quantized, weights: Float32Array.of(-9, 9, -9, 9, 90, -90, 90, -90) }
    const { scales, zeroPoints } = gradientOf('straight-through', 1, clamped)
    for (const block of [0, 1]) {
      expect(scales[block]).toBeCloseTo(slopeAlong(clamped, 'scales', block), 2)
      expect(zeroPoints[block]).toBeCloseTo(slopeAlong(clamped, 'zeroPoints', block), 2)
    }
  })

  it('weighs weights by the slope of a soft round, most in the middle between codes', () => {
    const slope = { sharpness: 4 }
    const { weights, zeroPoints } = gradientOf(slope)
    expect(weights[0]).toBeCloseTo(roundingSlope(7.3, slope), 4)
    expect(weights[1] / 2).toBeCloseTo(roundingSlope(9.5, slope), 4)
    expect(weights[1] / 2).toBeGreaterThan(weights[0])
    const inside = roundingSlope(7.3, slope) - 1 + 2 * (roundingSlope(9.5, slope) - 1)
    expect(zeroPoints[0]).toBeCloseTo(0.5 * inside - 3.5, 4)
  })

  it('may overwrite the gradient it is given', () => {
    const upstream = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const target = { weights: upstream, scales: new Float32Array(2), zeroPoints: new Float32Array(2) }
    fakeQuantizeGradient(quantized, upstream, { slope: 'straight-through', normalizer: 1 }, target)
    expect(target).toEqual(gradientOf('straight-through'))
  })
})

describe('the soft round', () => {
  const sharpnesses = fc.double({ min: 0.01, max: 30, noNaN: true })

  it('has a slope of one on average over a unit, and never zero', () => {
    fc.assert(
      fc.property(sharpnesses, (sharpness) => {
        const points = 20000
        let sum = 0
        for (let i = 0; i < points; i++) {
          const slope = roundingSlope(3 + (i + 0.5) / points, { sharpness })
          expect(slope > 0).toBe(true)
          sum += slope / points
        }
        expect(sum).toBeCloseTo(1, 4)
      }),
      { numRuns: 10 },
    )
  })

  it('is straight through where it is not sharp', () => {
    expect(roundingSlope(0.1, { sharpness: 1e-4 })).toBeCloseTo(1, 6)
    expect(roundingSlope(0.5, { sharpness: 1e-4 })).toBeCloseTo(1, 6)
  })

  it('is the derivative of an arctangent between whole numbers', () => {
    const a = 5
    const soft = (u: number) =>
      Math.floor(u) + 0.5 + Math.atan(a * (u - Math.floor(u) - 0.5)) / (2 * Math.atan(a / 2))
    for (const u of [-1.7, 0.2, 0.5, 6.9]) {
      const difference = (soft(u + 1e-6) - soft(u - 1e-6)) / 2e-6
      expect(roundingSlope(u, { sharpness: a })).toBeCloseTo(difference, 6)
    }
  })
})

function quantizedOf(weights: QuantizedWeights): Float32Array {
  const target = new Float32Array(weights.weights.length)
  fakeQuantize(weights, target)
  return target
}

function gradientOf(slope: RoundingSlope, normalizer = 1, weights = quantized) {
  const upstream = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const target = {
    weights: new Float32Array(8),
    scales: new Float32Array(2),
    zeroPoints: new Float32Array(2),
  }
  fakeQuantizeGradient(weights, upstream, { slope, normalizer }, target)
  return target
}

/** Central difference of Σ (i + 1) · ŵᵢ along one scale or zero point. */
function slopeAlong(weights: QuantizedWeights, name: 'scales' | 'zeroPoints', block: number): number {
  const step = 1 / 64
  const at = (distance: number) => {
    const moved = weights[name].slice()
    moved[block] += distance
    return quantizedOf({ ...weights, [name]: moved }).reduce((sum, value, i) => sum + (i + 1) * value, 0)
  }
  return (at(step) - at(-step)) / (2 * step)
}
