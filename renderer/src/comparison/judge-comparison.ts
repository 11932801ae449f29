import type { Comparison, PairedTest } from '../../../electron/ipc/comparison.js'
import type { Format } from '../text/format.js'
import type { Translate } from '../text/use-text.js'

/** What can be said of a change: `same` where chance alone could do it, `untested` where there are too few rows. */
export type Judgement = 'better' | 'worse' | 'same' | 'untested'
/** Of a whole comparison: `surer` and `less-sure` where answers do not differ, but what they are given for does. */
export type Verdict = Judgement | 'surer' | 'less-sure'

/** Below this, a difference is called one. */
const significance = 0.05

/**
 * Whether a change says something: its interval must not hold 0, and the paired test must agree.
 *
 * @param isGoodUp where more is better, as with accuracy
 */
export function judgeChange(
  change: { readonly low: number | null; readonly high: number | null },
  { pValue }: Pick<PairedTest, 'pValue'>,
  isGoodUp: boolean,
): Judgement {
  const { low, high } = change
  if (low === null || high === null) return 'untested'
  if (low <= 0 && high >= 0) return 'same'
  if (pValue !== null && pValue >= significance) return 'same'
  return low > 0 === isGoodUp ? 'better' : 'worse'
}

/** The comparison in one word: by the answers where there are any and they differ, otherwise by the loss. */
export function judgeComparison(comparison: Comparison): Verdict {
  const { accuracyChange, lossChange, test, lossTest } = comparison
  const byLoss = judgeChange(lossChange, lossTest, false)
  if (accuracyChange === null) return byLoss
  const byAnswers = judgeChange(accuracyChange, test, true)
  if (byAnswers !== 'same') return byAnswers
  return byLoss === 'better' ? 'surer' : byLoss === 'worse' ? 'less-sure' : 'same'
}

/** What a paired test found, as a sentence that needs no statistics. */
export function testSentence(test: PairedTest, t: Translate, format: Format): string {
  if (test.pValue === null) return t('comparison.test.none')
  const chance = chanceOf(test.pValue, t, format)
  return test.kind === 'mcnemar'
    ? t('comparison.test.mcnemar', {
        fixed: format.count(test.fixedCount),
        broken: format.count(test.brokenCount),
        chance,
      })
    : t('comparison.test.permutation', { chance })
}

function chanceOf(pValue: number, t: Translate, format: Format): string {
  if (pValue < 1e-4) return t('comparison.test.chance.never')
  const p = format.decimal(pValue, pValue < 0.01 ? 4 : 3)
  return pValue < significance
    ? t('comparison.test.chance.rarely', { times: format.count(Math.round(1 / pValue)), p })
    : t('comparison.test.chance.often', { percent: format.percent(pValue, 0), p })
}
