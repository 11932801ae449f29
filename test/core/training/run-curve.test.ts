import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CurveSmoother, ThinnedCurve, type CurvePoint } from '../../../core/training/run-curve.js'

const point = (step: number): CurvePoint => ({ step, loss: 1, smoothedLoss: 1, noise: 0, slope: 0 })

describe('a thinned curve', () => {
  it('never grows beyond its limit, keeps the last step, and stays even', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 2, max: 200 }), (steps, limit) => {
        const curve = new ThinnedCurve(limit)
        for (let step = 1; step <= steps; step++) curve.add(point(step))
        const shown = curve.points().map(({ step }) => step)
        expect(shown.length).toBeLessThanOrEqual(limit)
        expect(shown.at(-1)).toBe(steps)
        const gaps = new Set(shown.slice(1, -1).map((step, index) => step - shown[index]))
        expect(gaps.size).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('keeps every step of a short run', () => {
    const curve = new ThinnedCurve(10)
    for (let step = 1; step <= 5; step++) curve.add(point(step))
    expect(curve.points().map(({ step }) => step)).toEqual([1, 2, 3, 4, 5])
  })
})

describe('smoothing', () => {
  it('leaves a constant loss alone, without noise', () => {
    const smoother = new CurveSmoother(2000)
    for (let step = 1; step < 50; step++) {
      expect(smoother.add(step, 2, 0)).toMatchObject({ smoothedLoss: 2, noise: 0 })
    }
  })

  it('measures the spread of losses around their mean', () => {
    const smoother = new CurveSmoother(2000)
    let last = point(0)
    for (let step = 1; step < 2000; step++) last = smoother.add(step, step % 2 === 0 ? 3 : 1, 0)
    expect(last.smoothedLoss).toBeCloseTo(2, 1)
    expect(last.noise).toBeGreaterThan(0.9)
    expect(last.noise).toBeLessThan(1.1)
  })

  it('weighs a step as much as those that were left out before it', () => {
    const [every, eighth] = [new CurveSmoother(2000), new CurveSmoother(2000)]
    for (let step = 1; step <= 8; step++) every.add(step, 1, 0)
    eighth.add(8, 1, 0)
    let last = every.add(9, 3, 0)
    for (let step = 10; step <= 16; step++) last = every.add(step, 3, 0)
    expect(eighth.add(16, 3, 0).smoothedLoss).toBeCloseTo(last.smoothedLoss, 10)
  })

  it('follows a short run that falls steeply, and is the mean of all steps at first', () => {
    const smoother = new CurveSmoother(100)
    expect(smoother.add(1, 4, 0).smoothedLoss).toBe(4)
    expect(smoother.add(2, 2, 0).smoothedLoss).toBeCloseTo(3, 0)
    let last = point(0)
    for (let step = 3; step <= 100; step++) last = smoother.add(step, 2 - step / 100, 0)
    expect(last.smoothedLoss - 1).toBeLessThan(0.06)
    expect(last.noise).toBeLessThan(0.06)
  })
})
