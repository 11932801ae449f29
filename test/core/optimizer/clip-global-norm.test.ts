import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clipGlobalNorm } from '../../../core/optimizer/clip-global-norm.js'

const gradient = fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, min: -1000, max: 1000 })

describe('clipping of the joint norm', () => {
  it('returns the norm before and scales every gradient by one factor', () => {
    const gradients = [Float32Array.of(3, 0), Float32Array.of(4)]
    expect(clipGlobalNorm(gradients, 1)).toBe(5)
    expect([...gradients[0], ...gradients[1]].map((g) => Math.round(g * 1e6) / 1e6)).toEqual([0.6, 0, 0.8])
  })

  it('leaves gradients within the limit, and all without a limit, as they are', () => {
    fc.assert(
      fc.property(fc.array(gradient, { maxLength: 4 }), fc.boolean(), (gradients, isLimited) => {
        const before = gradients.map((values) => values.slice())
        const norm = clipGlobalNorm(gradients, null)
        clipGlobalNorm(gradients, isLimited ? norm : null)
        expect(gradients).toEqual(before)
      }),
    )
  })

  it('brings any joint norm down to the limit', () => {
    fc.assert(
      fc.property(
        fc.array(gradient, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (gradients, limit) => {
          const norm = clipGlobalNorm(gradients, limit)
          expect(clipGlobalNorm(gradients, null)).toBeLessThanOrEqual(Math.min(norm, limit) * (1 + 1e-6))
        },
      ),
    )
  })

  it('does not overflow where the squares pass the range of fp32', () => {
    const gradients = [Float32Array.of(3e30), Float32Array.of(4e30)]
    expect(clipGlobalNorm(gradients, 1) / 5e30).toBeCloseTo(1, 6)
    expect(gradients[1][0]).toBeCloseTo(0.8, 6)
  })

  it('scales nothing where the norm is not finite', () => {
    const gradients = [Float32Array.of(1, Infinity), Float32Array.of(NaN)]
    expect(clipGlobalNorm(gradients, 1)).toBeNaN()
    expect(gradients[0][0]).toBe(1)
  })
})
