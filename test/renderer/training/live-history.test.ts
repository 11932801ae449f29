import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EvaluationPoint, RunHistory, StepPoint } from '../../../electron/ipc/runs.js'
import { appendHistory, axisEnd, mostPoints } from '../../../renderer/src/training/live-history.js'

const point = (step: number): StepPoint => ({ step, loss: 1, smoothedLoss: 1, noise: 0, slope: 0 })
const evaluation = (step: number, isBest: boolean): EvaluationPoint => ({
  step,
  loss: 1,
  accuracy: null,
  examples: 10,
  accuracyLow: null,
  accuracyHigh: null,
  isBest,
})
const empty: RunHistory = { steps: [], evaluations: [] }
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i)

describe('a history that grows', () => {
  it('takes each step once, however much of it is told again', () => {
    const first = appendHistory(empty, { steps: range(1, 20).map(point), evaluations: [] })
    const again = appendHistory(first, { steps: range(10, 30).map(point), evaluations: [] })
    expect(again.steps.map(({ step }) => step)).toEqual(range(1, 30))
  })

  it('stays within its limit and in order, and keeps its first and its last step', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 12 }), (sizes) => {
        let history = empty
        let end = 1
        for (const size of sizes) {
          history = appendHistory(history, { steps: range(end, end + size).map(point), evaluations: [] })
          end += size
        }
        const steps = history.steps.map(({ step }) => step)
        expect(steps.length).toBeLessThanOrEqual(mostPoints)
        expect(steps).toEqual(steps.toSorted((a, b) => a - b))
        expect([steps[0], steps.at(-1)]).toEqual(sizes.length === 0 ? [undefined, undefined] : [1, end - 1])
      }),
      { numRuns: 30 },
    )
  })

  it('calls one evaluation the best, the last that was', () => {
    const history = appendHistory(
      { steps: [], evaluations: [evaluation(0, true)] },
      { steps: [], evaluations: [evaluation(10, true), evaluation(20, false)] },
    )
    expect(history.evaluations.map(({ isBest }) => isBest)).toEqual([false, true, false])
  })
})

describe('many evaluations', () => {
  it('stay within the limit, and keep the first, the best and the last', () => {
    const evaluations = range(0, 3 * mostPoints).map((step) => evaluation(step, step === 701))
    const thinned = appendHistory(empty, { steps: [], evaluations }).evaluations
    expect(thinned.length).toBeLessThanOrEqual(mostPoints)
    expect([thinned[0].step, thinned.find(({ isBest }) => isBest)?.step, thinned.at(-1)?.step]).toEqual([
      0,
      701,
      3 * mostPoints - 1,
    ])
  })
})

describe('the end of the step axis', () => {
  it('leaves a young run room to be seen, and shows all steps in the end', () => {
    expect(axisEnd(10, 800)).toBe(100)
    expect(axisEnd(95, 800)).toBe(200)
    expect(axisEnd(190, 800)).toBe(400)
    expect(axisEnd(400, 800)).toBe(800)
    expect(axisEnd(800, 800)).toBe(800)
    expect(axisEnd(0, 1)).toBe(1)
  })
})
