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

  it('hold the mean of a sample in the middle', () => {
    const { mean, low, high } = meanInterval([1, 2, 3, 4])
    expect(mean).toBe(2.5)
    expect(high - mean).toBeCloseTo((1.959963984540054 * Math.sqrt(5 / 3)) / 2, 12)
    expect(mean - low).toBeCloseTo(high - mean, 12)
  })
})
