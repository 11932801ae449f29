import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearDecay } from '../../../core/optimizer/schedule.js'
import { updateRule } from '../../../core/optimizer/update-rule.js'

const identity = (distance: number) => distance
const normalized = updateRule(
  {
    kind: 'normalized',
    learningRate: 0.5,
    finalShare: 1,
    clipDifference: null,
    clipRatio: 3,
    smoothing: 0.9,
  },
  identity,
)
const projected = updateRule({ kind: 'projected', learningRate: 0.1, clipGradient: 100 }, identity)
const at = (step: number) => ({ step, steps: 100, perturbationScale: 0.01 })

describe('the normalized rule', () => {
  it('takes a full step along a single lane at first, whatever the size of the difference', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (difference) => {
        const { coefficients } = normalized({ lossPlus: [difference], lossMinus: [0] }, null, at(0))
        expect(coefficients[0]).toBeCloseTo(-0.5, 4)
      }),
    )
  })

  it('weighs each lane by its own difference over the root mean square, and shares the step among lanes', () => {
    const { coefficients } = normalized({ lossPlus: [2, 0], lossMinus: [0, 1] }, null, at(0))
    const rms = Math.sqrt((4 + 1) / 2)
    expect(coefficients[0]).toBeCloseTo((-0.5 / Math.SQRT2) * (2 / rms), 6)
    expect(coefficients[1]).toBeCloseTo((0.5 / Math.SQRT2) * (1 / rms), 6)
  })

  it('remembers the mean square of differences', () => {
    const first = normalized({ lossPlus: [2], lossMinus: [0] }, null, at(0))
    const second = normalized({ lossPlus: [1], lossMinus: [0] }, first.state, at(1))
    expect(second.state?.meanSquare).toBeCloseTo(0.9 * 4 + 0.1 * 1, 12)
  })

  it('clips outliers to three root mean squares', () => {
    const state = { meanSquare: 1e-4 }
    const { coefficients } = normalized({ lossPlus: [1000], lossMinus: [0] }, state, at(1))
    expect(coefficients[0]).toBeGreaterThanOrEqual(-1.5)
  })

  it('stands still where nothing differs', () => {
    const { coefficients } = normalized({ lossPlus: [1, 2], lossMinus: [1, 2] }, null, at(0))
    expect(coefficients.map(Math.abs)).toEqual([0, 0])
  })
})

describe('the projected rule', () => {
  it('equals plain gradient descent along the direction', () => {
    const { coefficients } = projected({ lossPlus: [1.02], lossMinus: [1] }, null, at(5))
    expect(coefficients[0]).toBeCloseTo(-0.1 * (0.02 / 0.02), 12)
  })

  it('clips the projected gradient', () => {
    const { coefficients } = projected({ lossPlus: [1e6], lossMinus: [0] }, null, at(5))
    expect(coefficients[0]).toBeCloseTo(-10, 12)
  })
})

describe('descent on a parabola', () => {
  it.each([
    ['normalized', normalized],
    ['projected', projected],
  ])('reaches the minimum with the %s rule', (_, rule) => {
    let x = 3
    let state = null as Parameters<typeof rule>[1]
    const loss = (value: number) => 0.5 * (value - 1) ** 2
    for (let step = 0; step < 100; step++) {
      const epsilon = 0.01
      const result = rule({ lossPlus: [loss(x + epsilon)], lossMinus: [loss(x - epsilon)] }, state, at(step))
      state = result.state
      x += result.coefficients[0]
    }
    expect(loss(x)).toBeLessThan(0.02)
  })
})

describe('linear decay', () => {
  it('falls from 1 towards its final share', () => {
    expect(linearDecay(0, 10, 0.1)).toBe(1)
    expect(linearDecay(10, 10, 0.1)).toBeCloseTo(0.1, 12)
    expect(linearDecay(5, 10, 0)).toBeCloseTo(0.5, 12)
  })
})
