import { describe, expect, it } from 'vitest'
import { createMomentRule } from '../../../core/optimizer/create-moment-rule.js'
import { momentStateBytes } from '../../../core/optimizer/rule-state-bytes.js'
import { usualMoments, type ProbeMoments } from '../../../core/schema/probe-moments.js'

const draws = { seed: 7, tensor: 'w' }
const at = (step: number) => ({ step, learningRate: 1 })

/** How far a number moves by each of the gradients. */
function movesOf(moments: ProbeMoments, gradients: readonly number[]): number[] {
  const rule = createMomentRule(moments, 1, draws)
  return gradients.map((gradient, step) => {
    const values = Float32Array.of(0)
    rule.update(values, Float32Array.of(gradient), at(step))
    return values[0]
  })
}

describe('running means of steps', () => {
  it('come up to a steady gradient as 1 − βᵗ', () => {
    const moves = movesOf({ kind: 'momentum', beta: 0.5, states: 'fp32' }, [2, 2, 2, 2])
    expect(moves).toEqual([-1, -1.5, -1.75, -1.875])
  })

  it('move as far by a single gradient, in the end, as without them', () => {
    const gradients = Array.from({ length: 300 }, (_, step) => (step === 0 ? 3 : 0))
    const total = movesOf(usualMoments.momentum, gradients).reduce((sum, move) => sum + move, 0)
    expect(total).toBeCloseTo(-3, 5)
  })

  it('of Adam step by the learning rate along a gradient that does not change, whatever its size', () => {
    for (const size of [1e-3, 50]) {
      for (const move of movesOf(usualMoments.adam, [size, size, size])) expect(move).toBeCloseTo(-1, 4)
    }
  })

  it.each(['momentum', 'adam'] as const)('go on with the same bits from what they saved (%s)', (kind) => {
    const length = 5000
    for (const states of ['fp32', '8bit', 'solo'] as const) {
      const create = () => createMomentRule({ ...usualMoments[kind], states }, length, draws)
      const gradientAt = (step: number) =>
        Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7 + step) * (1 + (i % 13)))
      const [whole, first, second] = [create(), create(), create()]
      expect(whole.stateByteLength).toBe(momentStateBytes({ ...usualMoments[kind], states }, length))
      const [expected, found] = [new Float32Array(length), new Float32Array(length)]
      whole.update(expected, gradientAt(0), at(0))
      whole.update(expected, gradientAt(1), at(1))
      first.update(found, gradientAt(0), at(0))
      second.load(first.save())
      second.update(found, gradientAt(1), at(1))
      expect(found).toEqual(expected)
    }
  })
})
