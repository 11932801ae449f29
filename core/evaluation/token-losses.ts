import type { ExampleScore } from '../engine/example-score.js'

/**
 * The loss of each row on the scale of the figures: lossᵢ · tokensᵢ · n / Σ tokens, whose mean is the loss a token. Differences of
 * rows, and the intervals and tests made of them, then speak of the same number as the report does. Rows of labels and pairs stay
 * as they are: each counts as one token.
 */
export function tokenLosses(scores: readonly ExampleScore[]): number[] {
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0)
  return scores.map((score) => (score.loss * score.tokens * scores.length) / tokens)
}
