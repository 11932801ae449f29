import { z } from 'zod'

/** Tokens of a written answer at most. */
const maxTokens = z.int().min(1).max(4096)

/** The right label is the likeliest: 1, else 0. */
const accuracy = z.strictObject({ kind: z.literal('accuracy') })

/** How a written answer compares with the right one. */
const answer = z.strictObject({
  kind: z.literal('answer'),
  metric: z.enum(['exact-match', 'token-f1', 'rouge-l', 'chrf']),
  maxTokens,
})

/** The written answer is JSON, of a JSON schema where one is given: 1, else 0. */
const json = z.strictObject({
  kind: z.literal('json'),
  schema: z.record(z.string(), z.json()).nullable(),
  maxTokens,
})

/** The written answer holds none of these words: 1, else 0. Upper and lower case are one. */
const withoutWords = z.strictObject({
  kind: z.literal('without-words'),
  words: z.array(z.string().trim().min(1)).min(1),
  maxTokens,
})

/** The written answer has about this many words: 1 − |words − wanted| / wanted, 0 at least. */
const length = z.strictObject({ kind: z.literal('length'), words: z.int().min(1), maxTokens })

/** JavaScript that defines `score(written, right)`, a number 0 … 1; run with limits and without files, network or clock. */
const ofFunction = z.strictObject({
  kind: z.literal('function'),
  source: z.string().trim().min(1).max(100_000),
  maxTokens,
})

/** What a run is trained on in place of the loss: a score of each row, 0 … 1, that need not have a slope. */
export const score = z.discriminatedUnion('kind', [accuracy, answer, json, withoutWords, length, ofFunction])

export type Score = z.infer<typeof score>
/** A score of what the model writes. */
export type WrittenScore = Exclude<Score, { kind: 'accuracy' }>

/** Whether answers have to be written to be scored; null is the loss. */
export function isWritten(score: Score | null): score is WrittenScore {
  return score !== null && score.kind !== 'accuracy'
}

/** What a score measures. */
export const scoreForm = z.enum([
  'accuracy',
  ...answer.shape.metric.options,
  'json',
  'without-words',
  'length',
  'function',
])
export type ScoreForm = z.infer<typeof scoreForm>

/** What a score measures, without its numbers. */
export function formOf(score: Score): ScoreForm {
  return score.kind === 'answer' ? score.metric : score.kind
}

/** A score in a few words, which begin with its form. */
export function scoreName(score: Score): string {
  if (score.kind === 'function') return 'function of your own for answers'
  return `${formOf(score)} of ${score.kind === 'answer' ? 'written answers' : 'answers'}`
}
