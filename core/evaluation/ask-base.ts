import { evaluationBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import type { BaseMargins } from '../engine/base-margins.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { examplesPerBatch } from './evaluate.js'

/**
 * Asks the base about pairs, in the same batches as an evaluation: at the base, the margins of an evaluation are then exactly
 * 0, and every session of a run computes the same bits.
 *
 * @param base has no margins to compare with, so that its own come out
 * @param margins where they are kept
 */
export async function* askBase(
  base: ExampleScorer,
  examples: readonly Example[],
  margins: BaseMargins,
): AsyncGenerator<{ readonly done: number; readonly total: number }> {
  let done = 0
  for (const batch of evaluationBatches(examples, examplesPerBatch)) {
    const scores = await base.score(batch, () => null)
    batch.forEach((example, index) => {
      if (example.kind === 'pair') margins.keep(example, scores[index].margin ?? 0)
    })
    done += batch.length
    yield { done, total: examples.length }
  }
}
