import { describe, expect, it } from 'vitest'
import type { ExampleScore } from '../../../core/engine/example-score.js'
import { compareMetric, perplexityChange } from '../../../core/evaluation/compare-metrics.js'
import { figuresOf } from '../../../core/evaluation/evaluate.js'
import { reportOf } from '../../../core/evaluation/report.js'
import { tokenLosses } from '../../../core/evaluation/token-losses.js'

/** Windows of very different lengths: the mean of their losses is not the loss a token. */
const windows = (shift: number): ExampleScore[] =>
  Array.from({ length: 40 }, (_, row) => ({
    loss: 3 + Math.sin(row) + (row % 4 === 0 ? 2 : 0) - shift * (1 + (row % 3)),
    tokens: row % 4 === 0 ? 5 : 400,
    prediction: null,
    isCorrect: false,
    margin: null,
  }))

describe('loss and perplexity of running text', () => {
  const [before, after] = [windows(0), windows(0.1)]
  const loss = compareMetric('loss', tokenLosses(before), tokenLosses(after), 1)
  const reports = [before, after].map((scores) =>
    reportOf({ kind: 'text' }, { figures: figuresOf(scores, 0, false), scores }),
  )

  it('are on one scale in the report and in the comparison', () => {
    expect(loss.before).toBeCloseTo(reports[0].loss, 12)
    expect(loss.after).toBeCloseTo(reports[1].loss, 12)
    expect(loss.mean).toBeCloseTo(loss.after - loss.before, 12)
    const change = perplexityChange(loss)
    expect([change.before, change.after]).toEqual([
      expect.closeTo((reports[0] as { perplexity: number }).perplexity, 9),
      expect.closeTo((reports[1] as { perplexity: number }).perplexity, 9),
    ])
    expect(change.mean).toBeCloseTo(change.after - change.before, 9)
    const { low, high, mean } = change
    expect(low !== null && high !== null && low < mean && mean < high && high < 0).toBe(true)
    expect(change.isMeasurable).toBe(true)
  })

  it('leave rows of labels as they are', () => {
    const labels = windows(0).map((score) => ({ ...score, tokens: 1 }))
    expect(tokenLosses(labels)).toEqual(labels.map((score) => expect.closeTo(score.loss, 12) as number))
  })
})
