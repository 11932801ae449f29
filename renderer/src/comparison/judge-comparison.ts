import type { Comparison, PairedTest } from '../../../electron/ipc/comparison.js'
import type { Format } from '../text/format.js'
import type { Translate } from '../text/use-text.js'

export type Judgement = 'better' | 'worse' | 'same' | 'untested'

/** Below this, a difference is called one. */
const significance = 0.05

/** Whether an interval of a change says something; `isGoodUp` where more is better, as with accuracy. */
export function judgeChange(
  change: { readonly low: number | null; readonly high: number | null },
  isGoodUp: boolean,
): Judgement {
  const { low, high } = change
  if (low === null || high === null) return 'untested'
  if (low <= 0 && high >= 0) return 'same'
  return low > 0 === isGoodUp ? 'better' : 'worse'
}

/** The comparison in one word: by the answers where there are any and they differ, otherwise by the loss. */
export function judgeComparison({ accuracyChange, lossChange }: Comparison): Judgement {
  const byAnswers = accuracyChange === null ? 'same' : judgeChange(accuracyChange, true)
  return byAnswers === 'same' || byAnswers === 'untested' ? judgeChange(lossChange, false) : byAnswers
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
