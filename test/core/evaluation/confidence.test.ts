import { describe, expect, it } from 'vitest'
import { meanInterval, shareInterval } from '../../../core/evaluation/confidence.js'

describe('confidence intervals', () => {
  it("equal Wilson's published example values", () => {
    // 81 of 263: Newcombe 1998, table I, method 3.
    const { low, high } = shareInterval(81, 263)
    expect(low).toBeCloseTo(0.2553, 4)
    expect(high).toBeCloseTo(0.3662, 4)
  })

  it('stay inside 0 and 1 at the ends', () => {
    expect(shareInterval(0, 20).low).toBe(0)
    expect(shareInterval(20, 20).high).toBeCloseTo(1, 12)
  })

  // Quantiles of Student's t as every table prints them.
  it.each([
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [871, 1.963],
  ])("are Student's for a mean with %i degrees of freedom", (freedom, quantile) => {
    const values = Array.from({ length: freedom + 1 }, (_, index) => index)
    const { mean, low, high } = meanInterval(values)
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom)
    expect((high - mean) / (deviation / Math.sqrt(freedom + 1))).toBeCloseTo(quantile, 1)
    expect((high - mean) / (deviation / Math.sqrt(freedom + 1)) / quantile).toBeCloseTo(1, 2)
    expect(mean - low).toBeCloseTo(high - mean, 9)
  })

  it('are unbounded for fewer than four values', () => {
    expect(meanInterval([1, 2, 3])).toEqual({ mean: 2, low: -Infinity, high: Infinity })
  })
})
