import type { Example } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import type { Scorer } from '../engine/scorer.js'
import type { Measurement } from '../optimizer/update-rule.js'
import type { Probe, TrainedParameters } from '../parameters/trained-parameters.js'

/**
 * Two-point estimate along the probe's directions: the loss on either side of the state.
 *
 * With a direction an example, plus and minus run in one batch and each example's own losses come back. With one direction
 * for all, two runs over the batch give two means; sums are in float64 in the batch's order.
 *
 * Source: SPSA, Spall 1992; MeZO, Malladi et al. 2023, Algorithm 1, arXiv:2305.17333.
 */
export async function estimateTwoPoint(
  scorer: Scorer,
  batch: readonly Example[],
  parameters: TrainedParameters,
  probe: Probe,
): Promise<Measurement> {
  if (parameters.lanes === 'example') {
    const [plus, minus] = await scorer.scoreBothWays(batch, parameters.overrides(probe))
    return { lossPlus: plus.map(({ loss }) => loss), lossMinus: minus.map(({ loss }) => loss) }
  }
  const bothWays = [parameters.overrides(probe, 1), parameters.overrides(probe, -1)]
  const [plus, minus] = await scorer.scoreEach(batch, bothWays)
  return { lossPlus: [meanLoss(plus)], lossMinus: [meanLoss(minus)] }
}

/** Mean loss an example for labels, a scored token for sequences (each example weighs by its tokens). */
export function meanLoss(scores: readonly ExampleScore[]): number {
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0)
  return scores.reduce((sum, score) => sum + score.loss * score.tokens, 0) / tokens
}
