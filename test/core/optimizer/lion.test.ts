import { describe, expect, it } from 'vitest'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import { ruleStateBytes } from '../../../core/optimizer/rule-state-bytes.js'
import type { GradientUpdate } from '../../../core/schema/gradient-update.js'

const update: GradientUpdate & { kind: 'lion' } = {
  kind: 'lion',
  learningRate: 0.1,
  schedule: { kind: 'constant', warmUpShare: 0 },
  weightDecay: 0,
  clipNorm: null,
  betas: [0.5, 0.75],
  states: 'fp32',
}

describe('Lion', () => {
  it('steps by the learning rate, whatever the size of the gradient, and not at all where it is 0', () => {
    const values = Float32Array.of(1, 1, 1)
    rule(3).update(values, Float32Array.of(1e-6, -40, 0), { step: 0, learningRate: 0.25 })
    expect([...values]).toEqual([0.75, 1.25, 1])
  })

  it('looks at the running mean and the gradient as the betas say', () => {
    const lion = rule()
    const values = Float32Array.of(0)
    // m is 4 · (1 − 0.75) = 1, then the direction 0.5 · 1 + 0.5 g changes its sign at g = −1.
    lion.update(values, Float32Array.of(4), { step: 0, learningRate: 0 })
    const saved = lion.save()
    for (const [g, moved] of [
      [-0.9, -1],
      [-1.1, 1],
    ]) {
      const one = Float32Array.of(0)
      lion.load(saved)
      lion.update(one, Float32Array.of(g), { step: 1, learningRate: 1 })
      expect(one[0]).toBe(moved)
    }
  })

  it('takes learning rate times weight decay of a value away', () => {
    const values = Float32Array.of(8)
    const decaying = createTensorRule({ ...update, weightDecay: 0.5 }, { name: 'w', shape: [1] }, 7)
    decaying.update(values, Float32Array.of(0), { step: 0, learningRate: 0.5 })
    expect(values[0]).toBe(6)
  })

  it.each(['fp32', '8bit', 'solo'] as const)('keeps one running mean (%s), as a plan says', (states) => {
    const shape = [64, 128]
    const { stateByteLength } = createTensorRule({ ...update, states }, { name: 'w', shape }, 7)
    expect(stateByteLength).toBe(ruleStateBytes({ ...update, states }, shape))
    expect(stateByteLength).toBeLessThan(
      ruleStateBytes({ ...update, kind: 'adamw', epsilon: 1e-8, states }, shape),
    )
  })

  function rule(length = 1) {
    return createTensorRule(update, { name: 'w', shape: [length] }, 7)
  }
})
