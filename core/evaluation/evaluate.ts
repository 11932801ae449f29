import { evaluationBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import type { Overrides } from '../engine/overrides.js'
import { EngineError } from '../schema/engine-error.js'
import type { EvaluationFigures } from '../schema/events.js'

/** Scores of every example, in the order they were given, and the figures made of them. */
export interface Evaluation {
  readonly figures: EvaluationFigures
  readonly scores: readonly ExampleScore[]
}

/** Examples that one call of a scorer takes. */
export const examplesPerBatch = 64

/**
 * Scores all examples in order of length, reporting how many are done. Sums run in the order of `examples`, in float64.
 *
 * @param step where in the run this happens, for the error of a loss that is not finite
 */
export async function* evaluate(
  scorer: ExampleScorer,
  examples: readonly Example[],
  overrides: Overrides,
  step: number,
): AsyncGenerator<{ readonly done: number; readonly total: number }, Evaluation> {
  const scores = new Map<Example, ExampleScore>()
  for (const batch of evaluationBatches(examples, examplesPerBatch)) {
    const batchScores = await scorer.score(batch, overrides)
    batch.forEach((example, index) => scores.set(example, batchScores[index]))
    yield { done: scores.size, total: examples.length }
  }
  const ordered = examples.flatMap((example) => scores.get(example) ?? [])
  return { figures: figuresOf(ordered, step, scorer.hasAnswers), scores: ordered }
}

/** The figures of scored examples: loss a token (an example for labels), and the share that is right; null for text. */
export function figuresOf(
  scores: readonly ExampleScore[],
  step: number,
  hasAnswers: boolean,
): EvaluationFigures {
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0)
  const loss = scores.reduce((sum, score) => sum + score.loss * score.tokens, 0) / tokens
  if (!Number.isFinite(loss)) {
    throw new EngineError(
      'loss-not-finite',
      { step },
      `the loss on the evaluation rows is ${loss} at step ${step}`,
    )
  }
  const correct = scores.filter(({ isCorrect }) => isCorrect).length
  return { loss, accuracy: hasAnswers ? correct / scores.length : null, examples: scores.length }
}
