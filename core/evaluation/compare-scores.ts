import type { Example, Objective } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import { meanInterval } from './confidence.js'
import { mcnemarTest, permutationTest } from './paired.js'
import { tokenLosses } from './token-losses.js'

/** What became of a row's answer. */
export type RowChange = 'fixed' | 'broken' | 'still-right' | 'still-wrong'

/** Change of a mean with its 95 % interval; null bounds where there are too few rows to say. */
export interface MeanChange {
  readonly mean: number
  readonly low: number | null
  readonly high: number | null
}

/** Whether two models differ on the same rows; `pValue` is null where nothing differs. */
export type PairedTest =
  | {
      readonly kind: 'mcnemar'
      readonly fixedCount: number
      readonly brokenCount: number
      readonly pValue: number | null
    }
  | { readonly kind: 'permutation'; readonly pValue: number | null }

/** Two models on the same rows. */
export interface ScoreComparison {
  /** One a row, in their order. */
  readonly changes: readonly RowChange[]
  /** Adapted − base, nats a token (a row for labels), paired by row. */
  readonly lossChange: MeanChange
  /** Null for running text, which has no right answers. */
  readonly accuracyChange: MeanChange | null
  readonly test: PairedTest
  readonly lossTest: PairedTest
  /** Rows by true label, columns by chosen label; null where the task has no labels. */
  readonly confusion: {
    readonly labels: readonly string[]
    readonly base: readonly (readonly number[])[]
    readonly adapted: readonly (readonly number[])[]
  } | null
}

/**
 * Compares what two models say about the same rows.
 *
 * @param seed of the permutations, so that equal scores give equal figures
 */
export function compareScores(
  examples: readonly Example[],
  objective: Objective,
  base: readonly ExampleScore[],
  adapted: readonly ExampleScore[],
  seed: number,
): ScoreComparison {
  const changes = base.map(({ isCorrect }, row) => changeOf(isCorrect, adapted[row].isCorrect))
  const adaptedLosses = tokenLosses(adapted)
  const lossDifferences = tokenLosses(base).map((loss, row) => adaptedLosses[row] - loss)
  const fixedCount = changes.filter((change) => change === 'fixed').length
  const brokenCount = changes.filter((change) => change === 'broken').length
  const lossTest = { kind: 'permutation', pValue: permutationTest(lossDifferences, seed) } as const
  const hasAnswers = objective.kind !== 'text'
  return {
    changes,
    lossChange: changeOfMean(lossDifferences),
    accuracyChange: hasAnswers
      ? changeOfMean(base.map(({ isCorrect }, row) => Number(adapted[row].isCorrect) - Number(isCorrect)))
      : null,
    test: hasAnswers
      ? { kind: 'mcnemar', fixedCount, brokenCount, pValue: mcnemarTest(fixedCount, brokenCount) }
      : lossTest,
    lossTest,
    confusion:
      objective.kind === 'labels'
        ? {
            labels: objective.options.map(({ name }) => name),
            base: confusionOf(examples, base, objective.options.length),
            adapted: confusionOf(examples, adapted, objective.options.length),
          }
        : null,
  }
}

function changeOf(wasRight: boolean, isRight: boolean): RowChange {
  if (wasRight) return isRight ? 'still-right' : 'broken'
  return isRight ? 'fixed' : 'still-wrong'
}

function changeOfMean(differences: readonly number[]): MeanChange {
  const { mean, low, high } = meanInterval(differences)
  return { mean, low: Number.isFinite(low) ? low : null, high: Number.isFinite(high) ? high : null }
}

/** Rows by true label, columns by chosen label. */
export function confusionOf(
  examples: readonly Example[],
  scores: readonly ExampleScore[],
  labels: number,
): number[][] {
  const counts = Array.from({ length: labels }, () => Array.from({ length: labels }, () => 0))
  examples.forEach((example, row) => {
    const { prediction } = scores[row]
    if (example.kind === 'label' && prediction !== null) counts[example.label][prediction]++
  })
  return counts
}
