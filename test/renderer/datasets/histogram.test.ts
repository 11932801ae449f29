import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { histogram, rowsBeyond } from '../../../renderer/src/datasets/histogram.js'

const lengths = fc
  .uniqueArray(
    fc.record({ tokens: fc.integer({ min: 1, max: 100_000 }), rows: fc.integer({ min: 1, max: 900 }) }),
    {
      selector: ({ tokens }) => tokens,
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((list) => list.toSorted((left, right) => left.tokens - right.tokens))

describe('a histogram of token lengths', () => {
  it('has every row in exactly one bin, and few bins', () => {
    fc.assert(
      fc.property(lengths, (list) => {
        const bins = histogram(list)
        const sum = (rows: readonly { readonly rows: number }[]) =>
          rows.reduce((total, bin) => total + bin.rows, 0)
        expect(sum(bins)).toBe(sum(list))
        expect(bins.length).toBeLessThanOrEqual(41)
        for (const [index, bin] of bins.entries()) {
          expect(bin.high).toBeGreaterThanOrEqual(bin.low)
          if (index > 0) expect(bin.low).toBe(bins[index - 1].high + 1)
        }
      }),
    )
  })

  it('counts as beyond a maximum what is longer, and nothing else', () => {
    const list = [
      { tokens: 8, rows: 3 },
      { tokens: 9, rows: 2 },
      { tokens: 40, rows: 1 },
    ]
    expect(rowsBeyond(list, 7)).toBe(6)
    expect(rowsBeyond(list, 8)).toBe(3)
    expect(rowsBeyond(list, 40)).toBe(0)
  })

  it('is empty without rows', () => {
    expect(histogram([])).toEqual([])
  })
})
