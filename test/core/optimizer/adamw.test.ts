import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import type { GradientUpdate } from '../../../core/schema/gradient-update.js'

const update: GradientUpdate = {
  kind: 'adamw',
  learningRate: 0.1,
  schedule: { kind: 'constant', warmUpShare: 0 },
  weightDecay: 0,
  clipNorm: null,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  states: 'fp32',
}

describe('AdamW', () => {
  it('follows a sequence worked out by hand', () => {
    const rule = createTensorRule(
      { ...update, betas: [0.5, 0.75], weightDecay: 0.5 },
      { name: 'w', shape: [1] },
      7,
    )
    const values = Float32Array.of(1)
    // m = 1, v = 1, corrected 2 / 4 … : m̂ = 2, v̂ = 4, step 0.1 · 2 / 2; decay 0.1 · 0.5 · 1.
    rule.update(values, Float32Array.of(2), { step: 0, learningRate: 0.1 })
    expect(values[0]).toBeCloseTo(0.95 - 0.1, 6)
    // m = 0.5 − 0.5 = 0, so only the decay moves: 0.85 · 0.95.
    rule.update(values, Float32Array.of(-1), { step: 1, learningRate: 0.1 })
    expect(values[0]).toBeCloseTo(0.85 * 0.95, 6)
    // m = 2, v = ((0.75 · 1 + 0.25 · 1) · 0.75 + 0.25 · 16) = 4.75; m̂ = 2 / (7/8), v̂ = 4.75 / (37/64).
    rule.update(values, Float32Array.of(4), { step: 2, learningRate: 0.1 })
    const moved = (0.1 * (2 / (7 / 8))) / Math.sqrt(4.75 / (37 / 64))
    expect(values[0]).toBeCloseTo(0.85 * 0.95 * 0.95 - moved, 6)
  })

  it('equals the formula in float64 to fp32 rounding, for any gradients', () => {
    const gradients = fc.array(
      fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 3, maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(gradients, (steps) => {
        const rule = createTensorRule({ ...update, weightDecay: 0.1 }, { name: 'w', shape: [3] }, 7)
        const values = Float32Array.of(1, -2, 0.5)
        const expected = { theta: [1, -2, 0.5], m: [0, 0, 0], v: [0, 0, 0] }
        steps.forEach((gradient, step) => {
          rule.update(values, Float32Array.from(gradient), { step, learningRate: 0.01 })
          published(expected, gradient, step + 1, 0.01, 0.1)
        })
        expected.theta.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4))
      }),
    )
  })

  it('moves by the learning rate on the first step, whatever the size of the gradient', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-3), max: Math.fround(1e3), noNaN: true }), (size) => {
        const values = new Float32Array(2)
        createTensorRule(update, { name: 'w', shape: [2] }, 7).update(values, Float32Array.of(size, -size), {
          step: 0,
          learningRate: 0.1,
        })
        expect(values[0]).toBeCloseTo(-0.1, 4)
        expect(values[1]).toBeCloseTo(0.1, 4)
      }),
    )
  })

  it('takes no long steps with 8-bit states where gradients of one block differ by six orders of magnitude', () => {
    const length = 4096
    const rule = createTensorRule({ ...update, states: '8bit' }, { name: 'w', shape: [length] }, 7)
    const values = new Float32Array(length)
    const gradient = Float32Array.from({ length }, (_, i) => 10 ** (-(i % 61) / 10))
    for (let step = 0; step < 20; step++) {
      const before = values.slice()
      rule.update(values, gradient.slice(), { step, learningRate: 0.1 })
      const moves = values.map((value, i) => before[i] - value)
      expect(Math.min(...moves)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...moves)).toBeLessThan(0.15)
    }
  })

  it('keeps eight bytes for an element', () => {
    expect(createTensorRule(update, { name: 'w', shape: [30, 100] }, 7).stateByteLength).toBe(8 * 3000)
  })
})

/** The published formula as torch.optim.AdamW writes it: decay first, then the step with a corrected denominator. */
function published(
  { theta, m, v }: { theta: number[]; m: number[]; v: number[] },
  gradient: readonly number[],
  t: number,
  learningRate: number,
  weightDecay: number,
): void {
  gradient.forEach((g, i) => {
    theta[i] *= 1 - learningRate * weightDecay
    m[i] += (1 - 0.9) * (g - m[i])
    v[i] = 0.999 * v[i] + (1 - 0.999) * g * g
    const denominator = Math.sqrt(v[i]) / Math.sqrt(1 - 0.999 ** t) + 1e-8
    theta[i] -= (learningRate / (1 - 0.9 ** t)) * (m[i] / denominator)
  })
}
