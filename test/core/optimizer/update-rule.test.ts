import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearDecay } from '../../../core/optimizer/schedule.js'
import { updateRule } from '../../../core/optimizer/update-rule.js'
import { plainProbing, type Probing } from '../../../core/schema/probing.js'

const identity = (distance: number) => distance
const constant = { kind: 'constant', warmUpShare: 0 } as const
const normalized = updateRule(
  {
    kind: 'normalized',
    learningRate: 0.5,
    schedule: constant,
    clipDifference: null,
    clipRatio: 3,
    smoothing: 0.9,
  },
  plainProbing,
  identity,
)
const projected = updateRule(
  { kind: 'projected', learningRate: 0.1, schedule: constant, clipGradient: 100 },
  plainProbing,
  identity,
)
const at = (step: number) => ({ step, steps: 100, seed: 1, perturbationScale: 0.01 })

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

describe('the rule of signs', () => {
  it('takes the same distance along every lane, and none where nothing differs', () => {
    const probing = { kind: 'two-point', queries: 4 } as const
    const rule = updateRule({ kind: 'sign', learningRate: 0.2, schedule: constant }, probing, identity)
    const measured = { lossPlus: [5, 1, 1, 1.001], lossMinus: [1, 2, 1, 1] }
    expect(rule(measured, null, at(0)).coefficients.map((each) => each + 0)).toEqual([-0.1, 0.1, 0, -0.1])
  })
})

describe('the rule by spread', () => {
  const probing: Probing = { kind: 'one-sided', queries: 4, baseline: 'clean' }
  const rule = updateRule({ kind: 'spread', learningRate: 0.8, schedule: constant }, probing, identity)

  it('divides by the standard deviation of the losses and their number', () => {
    const lossPlus = [1.1, 0.9, 1.3, 0.7]
    const sigma = Math.sqrt((0.01 + 0.01 + 0.09 + 0.09) / 4)
    const { coefficients } = rule({ lossPlus, lossMinus: [], lossClean: 0.95 }, null, at(0))
    coefficients.forEach((each, lane) => {
      expect(each).toBeCloseTo((-0.8 * (lossPlus[lane] - 0.95)) / (4 * sigma), 6)
    })
  })

  it('does not depend on the scale of the loss, and stands still where all are equal', () => {
    const one = rule({ lossPlus: [1, 2, 3, 4], lossMinus: [], lossClean: 2 }, null, at(0))
    const ten = rule({ lossPlus: [10, 20, 30, 40], lossMinus: [], lossClean: 20 }, null, at(0))
    one.coefficients.forEach((each, lane) => expect(each).toBeCloseTo(ten.coefficients[lane], 8))
    const still = rule({ lossPlus: [2, 2, 2, 2], lossMinus: [], lossClean: 2 }, null, at(0))
    expect(still.coefficients.map(Math.abs)).toEqual([0, 0, 0, 0])
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
