import { describe, expect, it } from 'vitest'
import type { Objective, PairExample } from '../../../core/data/example.js'
import { BaseMargins } from '../../../core/engine/base-margins.js'
import { pairScore } from '../../../core/engine/example-score.js'
import { pairMargin, preferenceLoss, preferenceSlope } from '../../../core/engine/preference.js'
import { scoredRows } from '../../../core/engine/scored-row.js'
import { caughtError } from '../../support/caught-error.js'

const objective: Objective = { kind: 'preference', beta: 0.1 }
const pair: PairExample = {
  kind: 'pair',
  tokens: Int32Array.of(7, 8, 20, 21, 2, 30, 2),
  promptLength: 2,
  chosenLength: 3,
  line: 4,
}
const scored = (...values: number[]) => values.map((logProbability) => ({ logProbability }))

describe('the loss of a pair', () => {
  it('is log 2 at the base, and −log σ(β · margin) elsewhere', () => {
    expect(preferenceLoss(0, objective)).toBe(Math.LN2)
    for (const margin of [-30, -1, 0.5, 12]) {
      expect(preferenceLoss(margin, objective)).toBeCloseTo(-Math.log(1 / (1 + Math.exp(-0.1 * margin))), 12)
    }
  })

  it('stays finite, and so does its slope, however large the margin', () => {
    expect(preferenceLoss(-1e6, objective)).toBeCloseTo(1e5, 6)
    expect(preferenceLoss(1e6, objective)).toBe(0)
    expect(preferenceSlope(-1e6, objective)).toBeCloseTo(-0.1, 12)
    expect(preferenceSlope(1e6, objective)).toBeCloseTo(0, 12)
  })

  it('falls by its slope as the margin grows', () => {
    for (const margin of [-8, 0, 3]) {
      const change = preferenceLoss(margin + 1e-4, objective) - preferenceLoss(margin - 1e-4, objective)
      expect(preferenceSlope(margin, objective)).toBeCloseTo(change / 2e-4, 8)
    }
    expect(preferenceSlope(0, objective)).toBeCloseTo(-0.05, 12)
  })

  it('counts the sums of both answers less what the base says', () => {
    const answers = [scored(-1, -2, -0.5), scored(-3, -4)]
    const baseMargins = new BaseMargins()
    baseMargins.keep(pair, 1.25)
    expect(pairMargin(pair, answers, { objective })).toBe(3.5)
    expect(pairMargin(pair, answers, { objective, baseMargins })).toBe(2.25)
  })

  it('calls a tie no preference', () => {
    expect(pairScore(0, objective)).toMatchObject({ isCorrect: false, margin: 0, tokens: 1 })
    expect(pairScore(1e-5, objective).isCorrect).toBe(false)
    expect(pairScore(0.01, objective).isCorrect).toBe(true)
  })

  it('is not made of a base that was not asked', () => {
    const error = caughtError(() => new BaseMargins().of(pair))
    expect(error).toMatchObject({ code: 'bug', message: expect.stringContaining('line 4') as string })
  })
})

describe('the rows of a pair', () => {
  it('are the prompt with either answer, whose every token is scored', () => {
    expect(scoredRows(pair, objective)).toEqual([
      { tokens: Int32Array.of(7, 8, 20, 21, 2), positions: [1, 2, 3], targets: [20, 21, 2] },
      { tokens: Int32Array.of(7, 8, 30, 2), positions: [1, 2], targets: [30, 2] },
    ])
  })
})
