import { describe, expect, it } from 'vitest'
import { evaluationPoints } from '../../electron/engine/evaluation-points.js'
import { mostHistoryPoints } from '../../electron/ipc/runs.js'

const lines = (count: number) =>
  Array.from({ length: count }, (_, step) => ({
    step,
    loss: step === 4321 ? 0.5 : 1,
    accuracy: 0.5,
    examples: 20,
  }))

describe('evaluations of a run', () => {
  it('are all there where they are few, with the interval of their accuracy', () => {
    const points = evaluationPoints(lines(300))
    expect(points.map(({ step }) => step)).toEqual(lines(300).map(({ step }) => step))
    expect(points[7]).toMatchObject({ accuracy: 0.5, isBest: false })
    expect(points[7].accuracyLow).toBeCloseTo(0.299, 3)
  })

  it('never grow beyond what a page draws, and keep the first, the best and the last', () => {
    const points = evaluationPoints(lines(10_001))
    expect(points.length).toBeLessThanOrEqual(mostHistoryPoints)
    expect([points[0].step, points.find(({ isBest }) => isBest)?.step, points.at(-1)?.step]).toEqual([
      0, 4321, 10_000,
    ])
  })
})
