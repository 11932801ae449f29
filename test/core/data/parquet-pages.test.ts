import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkDeltas, checkRuns } from '../../../core/data/parquet/check-runs.js'
import { columnPages } from '../../../core/data/parquet/check-pages.js'

const cursor = (...bytes: number[]) => ({ bytes: Uint8Array.from(bytes), at: 0 })

describe('runs of a Parquet page', () => {
  it('are followed to the end of the page’s values, and those that are not null counted', () => {
    // Five times 1, then a group of eight bits 0b00000101 of which three count.
    const runs = cursor(5 << 1, 1, (1 << 1) | 1, 0b101)
    expect(checkRuns(runs, 1, 8, 1)).toBe(7)
    expect(runs.at).toBe(4)
  })

  it('are refused where they are longer than the page, or of no length', () => {
    // 2^31 − 1 values: the library would write them all out.
    const endless = cursor(0xfe, 0xff, 0xff, 0xff, 0x0f, 1)
    expect(() => checkRuns(endless, 1, 8)).toThrow('a run of 2147483647 values among 8')
    expect(() => checkRuns(cursor(0, 1), 1, 8)).toThrow('a run of 0 values')
    expect(() => checkRuns(cursor(0xff, 0xff, 0x03), 1, 8)).toThrow(/groups of values where 1 are needed/)
    expect(() => checkRuns(cursor(4 << 1), 1, 8)).toThrow('values beyond the end of the page')
  })

  it('of differences are refused in blocks that cannot be', () => {
    expect(() => checkDeltas(cursor(128, 1, 4, 3, 0), 3, false)).not.toThrow()
    expect(() => checkDeltas(cursor(128, 1, 0, 3, 0), 3, false)).toThrow(
      '3 differences in blocks of 128 in 0',
    )
    expect(() => checkDeltas(cursor(128, 1, 4, 9, 0), 3, false)).toThrow('9 differences')
  })
})

describe('pages of a Parquet column', () => {
  it('are refused where one has more values than its column', () => {
    const file = readFileSync(join(import.meta.dirname, '../../fixtures/data/flat-none.parquet'))
    // After the magic, the first page.
    const bytes = Uint8Array.from(file).buffer.slice(4)
    expect(() => columnPages(bytes, 2)).toThrow('a page of 3 values in a column of 2')
  })
})
