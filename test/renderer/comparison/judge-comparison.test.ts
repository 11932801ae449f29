import { describe, expect, it } from 'vitest'
import {
  judgeChange,
  judgeComparison,
  testSentence,
} from '../../../renderer/src/comparison/judge-comparison.js'
import { createFormat } from '../../../renderer/src/text/format.js'
import type { Translate } from '../../../renderer/src/text/use-text.js'
import { fixedComparison } from '../../support/renderer/fixed-comparison.js'

const format = createFormat('en')
/** Shows which sentence would be said, with what. */
const t: Translate = (key, values = {}) => [key, ...Object.values(values)].join('|')

describe('the judgement of a comparison', () => {
  it('needs an interval without zero and a test that agrees, and knows which way is up', () => {
    const sure = { pValue: 0.001 }
    expect(judgeChange({ low: 0.1, high: 0.2 }, sure, true)).toBe('better')
    expect(judgeChange({ low: 0.1, high: 0.2 }, sure, false)).toBe('worse')
    expect(judgeChange({ low: -0.1, high: 0.2 }, sure, true)).toBe('same')
    expect(judgeChange({ low: 0, high: 0.2 }, sure, true)).toBe('same')
    expect(judgeChange({ low: 0.001, high: 0.2 }, { pValue: 0.07 }, true)).toBe('same')
    expect(judgeChange({ low: null, high: null }, sure, true)).toBe('untested')
  })

  it('goes by the answers, and says of the loss only what it means where they do not differ', () => {
    expect(judgeComparison(fixedComparison)).toBe('better')
    const alike = { mean: 0, low: -0.1, high: 0.1 }
    expect(judgeComparison({ ...fixedComparison, accuracyChange: alike })).toBe('surer')
    expect(judgeComparison({ ...fixedComparison, accuracyChange: alike, lossChange: alike })).toBe('same')
    const worse = { mean: -0.2, low: -0.3, high: -0.1 }
    expect(judgeComparison({ ...fixedComparison, accuracyChange: worse })).toBe('worse')
    const unsure = { ...fixedComparison.test, pValue: 0.2 }
    expect(judgeComparison({ ...fixedComparison, test: unsure })).toBe('surer')
    expect(judgeComparison({ ...fixedComparison, accuracyChange: null })).toBe('better')
  })

  it('says a chance as people count it', () => {
    const said = (pValue: number | null) => testSentence({ kind: 'permutation', pValue }, t, format)
    expect(said(null)).toBe('comparison.test.none')
    expect(said(0.00001)).toContain('chance.never')
    expect(said(0.02)).toContain('chance.rarely|50|0.020')
    expect(said(0.4)).toContain('chance.often|40%|0.400')
  })
})
