import { describe, expect, it } from 'vitest'
import type { EvaluationPoint, RunHistory } from '../../../electron/ipc/runs.js'
import { judgeLearning } from '../../../renderer/src/training/judge-learning.js'

const going = {
  lossChange: null,
  isMeasurable: null,
  best: null,
  before: null,
  bestStep: null,
  endReason: null,
} as const

/** Losses that fall by `slope` a step, with a fixed noise of 0.1 up and down. */
function history(steps: number, slope: number, evaluations: EvaluationPoint[] = []): RunHistory {
  return {
    steps: Array.from({ length: steps }, (_, index) => ({
      step: index + 1,
      loss: 1 - slope * index + (index % 2 === 0 ? 0.1 : -0.1),
      smoothedLoss: 1 - slope * index,
      noise: 0.1,
      slope: 1,
    })),
    evaluations,
  }
}

const evaluations = (losses: readonly number[]): EvaluationPoint[] =>
  losses.map((loss, index) => ({
    step: index * 10,
    loss,
    accuracy: null,
    examples: 100,
    accuracyLow: null,
    accuracyHigh: null,
    isBest: loss === Math.min(...losses),
  }))

describe('whether a run learns, while it goes', () => {
  it('is not said from a handful of steps', () => {
    expect(judgeLearning(going, history(10, 0.5)).code).toBe('waiting')
  })

  it('is yes where the loss falls by more than its noise explains', () => {
    const verdict = judgeLearning(going, history(60, 0.01))
    expect(verdict).toMatchObject({ code: 'learning', dev: null })
    expect(verdict.code === 'learning' && verdict.fall).toBeCloseTo(0.4, 5)
  })

  it('is backed by the held-out rows where they got better', () => {
    const verdict = judgeLearning(going, history(60, 0.01, evaluations([1, 0.9, 0.8])))
    expect(verdict).toMatchObject({ code: 'learning', dev: { first: 1, best: 0.8 } })
  })

  it('is open where the loss stays within its noise', () => {
    expect(judgeLearning(going, history(60, 0)).code).toBe('flat')
    expect(judgeLearning(going, history(60, 0.0005)).code).toBe('flat')
  })

  it('is yes where held-out rows are right more often than chance explains, whatever the noise of the loss', () => {
    const [first, best] = evaluations([1, 0.8])
    const scored = (bestLow: number): EvaluationPoint[] => [
      { ...first, accuracy: 0.5, accuracyLow: 0.45, accuracyHigh: 0.55 },
      { ...best, accuracy: 0.8, accuracyLow: bestLow, accuracyHigh: 0.85 },
    ]
    const verdict = { code: 'right-more-often', first: 0.5, best: 0.8 }
    expect(judgeLearning(going, history(60, 0, scored(0.75)))).toEqual(verdict)
    expect(judgeLearning(going, history(4, 0, scored(0.75)))).toEqual(verdict)
    expect(judgeLearning(going, history(60, 0, scored(0.5))).code).toBe('flat')
    expect(judgeLearning(going, history(60, 0.01, scored(0.75))).code).toBe('learning')
  })

  it('is no where the loss rises', () => {
    expect(judgeLearning(going, history(60, -0.01)).code).toBe('rising')
  })

  it('is learning by heart where held-out rows stopped getting better three evaluations ago', () => {
    const verdict = judgeLearning(going, history(60, 0.01, evaluations([1, 0.8, 0.85, 0.9, 0.95])))
    expect(verdict).toEqual({ code: 'memorizing', bestStep: 10 })
  })
})

describe('whether a run learned, once it has ended', () => {
  const ended = {
    ...going,
    endReason: 'steps-done',
    bestStep: 40,
    best: { loss: 0.8, accuracy: 0.9, examples: 200 },
  } as const

  it('follows from the paired interval on the held-out rows, whatever the training loss did', () => {
    const lossChange = { mean: -0.2, low: -0.3, high: -0.1 }
    const summary = { ...ended, lossChange, isMeasurable: true }
    expect(judgeLearning(summary, history(60, 0))).toEqual({
      code: 'improved',
      ...lossChange,
      rows: 200,
      bestStep: 40,
    })
    const worse = { ...summary, lossChange: { mean: 0.2, low: 0.1, high: 0.3 } }
    expect(judgeLearning(worse, history(60, 0.01)).code).toBe('worse')
  })

  it('is not claimed where the interval holds zero, or where there is none', () => {
    const within = { ...ended, lossChange: { mean: -0.01, low: -0.1, high: 0.1 }, isMeasurable: false }
    expect(judgeLearning(within, history(60, 0.01))).toEqual({ code: 'unmeasurable', mean: -0.01, rows: 200 })
    const few = { ...ended, lossChange: { mean: -0.2, low: null, high: null }, isMeasurable: false }
    expect(judgeLearning(few, history(60, 0.01))).toEqual({ code: 'unmeasurable', mean: null, rows: 200 })
  })
})
