import type { Example } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import type { Measurement } from '../optimizer/probe-differences.js'
import type { Probe, TrainedParameters } from '../parameters/trained-parameters.js'
import type { Probing } from '../schema/probing.js'
import type { ProbeRecipe } from '../schema/recipe.js'

/**
 * Losses at the probes of a step.
 *
 * With a direction an example, plus and minus run in one batch and each example's own losses come back. With directions for
 * all rows, each state takes a run over the batch and gives a mean; sums are in float64 in the batch's order.
 *
 * Source: SPSA, Spall 1992; MeZO, Malladi et al. 2023, Algorithm 1, arXiv:2305.17333.
 */
export async function measureLosses(
  scorer: ExampleScorer,
  batch: readonly Example[],
  parameters: TrainedParameters,
  probing: Probing,
  probe: Probe,
): Promise<Measurement> {
  if (parameters.lanes === 'example') {
    const [plus, minus] = await scorer.scoreBothWays(batch, parameters.overrides(probe))
    return { lossPlus: plus.map(({ loss }) => loss), lossMinus: minus.map(({ loss }) => loss) }
  }
  const sides = sidesOf(probing)
  const lanes = Array.from({ length: probing.queries }, (_, lane) => lane)
  const probed = lanes.flatMap((lane) => sides.map((side) => parameters.overrides({ ...probe, lane }, side)))
  const states = asksClean(probing) ? [...probed, parameters.overrides(null)] : probed
  const losses = (await scorer.scoreEach(batch, states)).map(meanLoss)
  return {
    lossPlus: lanes.map((lane) => losses[lane * sides.length]),
    lossMinus: sides.length === 1 ? [] : lanes.map((lane) => losses[lane * sides.length + 1]),
    ...(asksClean(probing) && { lossClean: losses[losses.length - 1] }),
  }
}

/** Forward passes of the trained layers over the batch that a step takes. */
export function passesOf(probing: Probing): number {
  return probing.queries * sidesOf(probing).length + (asksClean(probing) ? 1 : 0)
}

/** The same on average over steps, with the search of magnitudes. */
export function passesOfStep({ probing, magnitudes }: Pick<ProbeRecipe, 'probing' | 'magnitudes'>): number {
  return passesOf(probing) + (magnitudes === null ? 0 : (2 * magnitudes.iterations) / magnitudes.interval)
}

/** Mean loss an example for labels, a scored token for sequences (each example weighs by its tokens). */
export function meanLoss(scores: readonly ExampleScore[]): number {
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0)
  return scores.reduce((sum, score) => sum + score.loss * score.tokens, 0) / tokens
}

function sidesOf({ kind }: Probing): readonly (1 | -1)[] {
  return kind === 'one-sided' ? [1] : [1, -1]
}

function asksClean(probing: Probing): boolean {
  return probing.kind === 'curvature' || (probing.kind === 'one-sided' && probing.baseline === 'clean')
}
