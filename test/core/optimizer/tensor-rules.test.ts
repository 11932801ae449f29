import { describe, expect, it } from 'vitest'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import type { TensorRule } from '../../../core/optimizer/tensor-rule.js'
import { learningRateAt } from '../../../core/optimizer/schedule.js'
import { gradientUpdate, type GradientUpdate } from '../../../core/schema/gradient-update.js'

const common = {
  learningRate: 0.05,
  schedule: { kind: 'cosine', warmUpShare: 0.05, finalShare: 0 },
  weightDecay: 0,
  clipNorm: null,
} as const
const betas: [number, number] = [0.9, 0.99]
const adamw = { kind: 'adamw', ...common, betas, epsilon: 1e-8 } as const

const updates: readonly (readonly [string, GradientUpdate])[] = [
  ['AdamW', { ...adamw, states: 'fp32' }],
  ['AdamW with 8-bit states', { ...adamw, states: '8bit' }],
  ['AdamW with 4- and 2-bit states', { ...adamw, betas: [0.8, 0.99], states: 'solo' }],
  [
    'AdamW on half of the rows',
    { ...adamw, kind: 'grass', learningRate: 0.1, states: 'fp32', rowShare: 0.5, refreshSteps: 5 },
  ],
  ['Lion', { kind: 'lion', ...common, betas, states: 'fp32' }],
  ['Lion with an 8-bit state', { kind: 'lion', ...common, learningRate: 0.08, betas, states: '8bit' }],
  ['Lion with a 4-bit state', { kind: 'lion', ...common, betas, states: 'solo' }],
  ['gradient descent', { kind: 'sgd', ...common, momentum: 0 }],
  ['gradient descent with momentum', { kind: 'sgd', ...common, learningRate: 0.02, momentum: 0.9 }],
]

const shape = [42, 100]
const length = 4200
const curvatures = Float64Array.from({ length }, (_, i) => 10 ** (i / (length - 1)))
const targets = Float64Array.from({ length }, (_, i) => Math.cos(i))

describe.each(updates)('%s', (_, update) => {
  it('has settings that survive a file', () => {
    expect(gradientUpdate.parse(JSON.parse(JSON.stringify(update)))).toEqual(update)
  })

  it('reaches the bottom of a bowl whose axes curve from 1 to 10', () => {
    const rule = createTensorRule(update, { name: 'w', shape }, 7)
    const values = new Float32Array(length).fill(1)
    const gradient = new Float32Array(length)
    for (let step = 0; step < 200; step++) {
      for (let i = 0; i < length; i++) gradient[i] = curvatures[i] * (values[i] - targets[i])
      rule.update(values, gradient, { step, learningRate: learningRateAt(update, step, 200) })
    }
    const loss = values.reduce((sum, x, i) => sum + 0.5 * curvatures[i] * (x - targets[i]) ** 2, 0) / length
    expect(loss).toBeLessThan(1e-3)
  })

  it('goes on with the same bits from a saved state, at any step', () => {
    const whole = start()
    run(whole, 0, 7)
    for (let savedAt = 0; savedAt <= 7; savedAt++) {
      const first = start()
      run(first, 0, savedAt)
      const second = {
        rule: createTensorRule(update, { name: 'w', shape }, 7),
        values: first.values.slice(),
      }
      second.rule.load(first.rule.save())
      run(second, savedAt, 7)
      expect(isEqual(second.values, whole.values)).toBe(true)
      expect(isEqual(second.rule.save(), whole.rule.save())).toBe(true)
    }
  })

  it('counts the bytes that it saves, and refuses others', () => {
    const rule = createTensorRule(update, { name: 'w', shape }, 7)
    expect(rule.save().byteLength).toBe(rule.stateByteLength)
    expect(() => rule.load(new Uint8Array(rule.stateByteLength + 1))).toThrow(
      `optimizer state should be ${rule.stateByteLength} bytes, got ${rule.stateByteLength + 1}`,
    )
  })

  function start(): { rule: TensorRule; values: Float32Array } {
    return {
      rule: createTensorRule(update, { name: 'w', shape }, 7),
      values: new Float32Array(length),
    }
  }
})

function run({ rule, values }: { rule: TensorRule; values: Float32Array }, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    const gradient = values.map((x, i) => curvatures[i] * (x - targets[i]) + Math.sin(i * (step + 1)))
    rule.update(values, gradient, { step, learningRate: 0.01 })
  }
}

function isEqual(a: Float32Array | Uint8Array, b: Float32Array | Uint8Array): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (value: number, i) => Object.is(value, b[i]))
}
