import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pairedBootstrap } from '../../../core/evaluation/bootstrap.js'
import { exactMatch, tokenF1 } from '../../../core/evaluation/metrics/answer-match.js'
import { chrf } from '../../../core/evaluation/metrics/chrf.js'
import { labelFigures, macroF1 } from '../../../core/evaluation/metrics/label-figures.js'
import { rougeL } from '../../../core/evaluation/metrics/rouge-l.js'

interface Golden {
  readonly texts: readonly {
    readonly answer: string
    readonly accepted: readonly string[]
    readonly exactMatch: number
    readonly tokenF1: number
    readonly rougeL: number | null
    readonly chrf: number
  }[]
  readonly labels: readonly { readonly confusion: readonly (readonly number[])[]; readonly macroF1: number }[]
}
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/metrics/metrics.json'), 'utf8'),
) as Golden

describe('text metrics', () => {
  it.each(golden.texts.map((text) => [text.answer, text] as const))(
    'agree with the references on “%s”',
    (_, text) => {
      const { answer, accepted } = text
      expect(exactMatch(answer, accepted)).toBe(text.exactMatch)
      expect(tokenF1(answer, accepted)).toBeCloseTo(text.tokenF1, 12)
      if (text.rougeL !== null) expect(rougeL(answer, accepted)).toBeCloseTo(text.rougeL, 12)
      expect(chrf(answer, accepted)).toBeCloseTo(text.chrf, 10)
    },
  )

  it('count letters that are not ASCII in ROUGE-L', () => {
    expect(rougeL('дом стоит', ['дом стоит тут'])).toBeCloseTo(0.8, 12)
  })
})

describe('label metrics', () => {
  it.each(golden.labels.map((each, index) => [index, each] as const))(
    'agree with scikit-learn on set %i',
    (_, each) => {
      expect(macroF1(each.confusion)).toBeCloseTo(each.macroF1, 12)
    },
  )

  it('say how each label fares', () => {
    expect(
      labelFigures([
        [3, 1],
        [0, 0],
      ]),
    ).toEqual([
      { rows: 4, precision: 1, recall: 0.75, f1: 6 / 7 },
      { rows: 0, precision: 0, recall: 0, f1: 0 },
    ])
  })
})

describe('the paired bootstrap', () => {
  const noise = (at: number) => Math.sin(at * 12.9898) * 3

  it('finds a difference that is there, and none that is not', () => {
    const rows = Array.from({ length: 200 }, (_, at) => noise(at))
    expect(
      pairedBootstrap(
        rows.map((each) => each + 1),
        1,
      ).isMeasurable,
    ).toBe(true)
    const none = pairedBootstrap(rows, 1)
    expect(none.isMeasurable).toBe(false)
    expect(none.low).toBeLessThan(0)
    expect(none.high).toBeGreaterThan(0)
  })

  it('has an interval of about the width that the spread of the mean says', () => {
    const rows = Array.from({ length: 400 }, (_, at) => noise(at))
    const mean = rows.reduce((sum, each) => sum + each, 0) / rows.length
    const spread = Math.sqrt(
      rows.reduce((sum, each) => sum + (each - mean) ** 2, 0) / rows.length / rows.length,
    )
    const { low, high } = pairedBootstrap(rows, 1)
    expect(((high ?? 0) - (low ?? 0)) / (2 * 1.96 * spread)).toBeCloseTo(1, 1)
  })

  it('says nothing about three rows, and the same for the same seed', () => {
    expect(pairedBootstrap([1, 1, 1], 1)).toEqual({ mean: 1, low: null, high: null, isMeasurable: false })
    expect(pairedBootstrap([1, 2, 3, 4], 7)).toEqual(pairedBootstrap([1, 2, 3, 4], 7))
  })
})
