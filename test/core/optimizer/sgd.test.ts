import { describe, expect, it } from 'vitest'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import type { GradientUpdate } from '../../../core/schema/gradient-update.js'

const update: GradientUpdate = {
  kind: 'sgd',
  learningRate: 0.1,
  schedule: { kind: 'constant', warmUpShare: 0 },
  weightDecay: 0,
  clipNorm: null,
  momentum: 0.9,
}

describe('gradient descent', () => {
  it('steps along the plain gradient, keeping nothing, without momentum', () => {
    const rule = createTensorRule({ ...update, momentum: 0 }, { name: 'w', shape: [2] }, 7)
    const values = Float32Array.of(1, 2)
    rule.update(values, Float32Array.of(4, -4), { step: 0, learningRate: 0.25 })
    expect([...values]).toEqual([0, 3])
    expect(rule.stateByteLength).toBe(0)
    expect(rule.save()).toEqual(new Uint8Array(0))
  })

  it('adds the gradients of the past with momentum: after n equal ones, g (1 − μⁿ) / (1 − μ)', () => {
    const rule = createTensorRule({ ...update, momentum: 0.5 }, { name: 'w', shape: [1] }, 7)
    const values = Float32Array.of(0)
    const moves = [0, 1, 2, 3].map((step) => {
      const before = values[0]
      rule.update(values, Float32Array.of(1), { step, learningRate: 1 })
      return before - values[0]
    })
    expect(moves).toEqual([1, 1.5, 1.75, 1.875])
  })

  it('takes learning rate times weight decay of a value away', () => {
    const values = Float32Array.of(8)
    createTensorRule({ ...update, weightDecay: 0.5 }, { name: 'w', shape: [1] }, 7).update(
      values,
      Float32Array.of(0),
      {
        step: 0,
        learningRate: 0.5,
      },
    )
    expect(values[0]).toBe(6)
  })
})
