import { describe, expect, it } from 'vitest'
import { reportOf } from '../../../core/evaluation/report.js'

const score = (loss: number, isCorrect: boolean, tokens = 1, margin: number | null = null) => ({
  loss,
  tokens,
  prediction: null,
  isCorrect,
  margin,
})
const figures = { loss: 0.5, accuracy: 0.5, examples: 4 }

describe('a report', () => {
  it('gives labels their accuracy with the Wilson interval', () => {
    const scores = [score(1, true), score(0, true), score(0.5, false), score(0.5, false)]
    const report = reportOf({ kind: 'labels', options: [] }, { figures, scores })
    expect(report).toEqual({
      kind: 'labels',
      n: 4,
      loss: 0.5,
      accuracy: 0.5,
      ci95: [expect.closeTo(0.150036, 5), expect.closeTo(0.849964, 5)],
    })
  })

  it('gives pairs their mean margin beside the share that prefers the chosen answer', () => {
    const scores = [score(0.5, true, 1, 3), score(0.7, false, 1, -1)]
    const report = reportOf({ kind: 'preference', beta: 0.1 }, { figures, scores })
    expect(report).toMatchObject({ kind: 'preference', n: 2, loss: 0.5, margin: 1, accuracy: 0.5 })
    expect(report).not.toHaveProperty('perplexity')
  })

  it('gives answers their tokens and perplexity too, and text no accuracy', () => {
    const scores = [score(0.5, true, 3), score(0.5, false, 5)]
    const answer = reportOf({ kind: 'answer' }, { figures, scores })
    expect(answer).toMatchObject({ n: 2, tokens: 8, perplexity: Math.exp(0.5), accuracy: 0.5 })
    const text = reportOf({ kind: 'text' }, { figures, scores })
    expect(text).toEqual({ kind: 'text', n: 2, tokens: 8, loss: 0.5, perplexity: Math.exp(0.5) })
  })
})
