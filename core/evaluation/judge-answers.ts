import type { JudgedRow } from '../data/judged-rows.js'
import { exactMatch, tokenF1 } from './metrics/answer-match.js'
import { chrf } from './metrics/chrf.js'
import { rougeL } from './metrics/rouge-l.js'

/** Measures of written answers, each 0 … 1 a row. */
export const answerMetrics = {
  'exact-match': exactMatch,
  'token-f1': tokenF1,
  'rouge-l': rougeL,
  chrf,
} as const

export type AnswerMetric = keyof typeof answerMetrics
export const answerMetricNames = Object.keys(answerMetrics) as AnswerMetric[]

/** What a metric says of each row, in their order. */
export type JudgedAnswers = Readonly<Partial<Record<AnswerMetric, readonly number[]>>>

/** Judges answers by what is accepted. */
export function judgeAnswers(
  answers: readonly string[],
  rows: readonly JudgedRow[],
  metrics: readonly AnswerMetric[],
): JudgedAnswers {
  return Object.fromEntries(
    metrics.map((name) => [
      name,
      rows.map(({ accepted }, row) => answerMetrics[name](answers[row], accepted)),
    ]),
  )
}
