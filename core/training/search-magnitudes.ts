import type { Example } from '../data/example.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { nextRatios, ratioDirections } from '../optimizer/layer-ratios.js'
import { toRatioUnits, type LayerScaler } from '../parameters/layer-scaler.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { LayerMagnitudes } from '../schema/layer-magnitudes.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import { meanLoss } from './estimate.js'
import { requireFinite } from './require-finite.js'

/** What magnitudes are searched with. */
export interface MagnitudeSearch {
  readonly settings: LayerMagnitudes
  readonly scorer: ExampleScorer
  readonly parameters: TrainedParameters
  readonly scaler: LayerScaler
  /** The step after whose move they are searched. */
  readonly step: number
  /** Of that step. */
  readonly seed: number
  /** A batch of its own for each pair of losses. */
  readonly batchAt: (iteration: number) => readonly Example[]
}

/** Whether magnitudes are searched after a step has moved. */
export function isMagnitudeStep({ magnitudes }: ProbeRecipe, step: number): boolean {
  return magnitudes !== null && (step + 1) % magnitudes.interval === 0
}

/**
 * Ratios, in whole units, by which to scale how far each layer is from its start: some pairs of losses along random directions
 * over layers.
 *
 * Source: DiZO, arXiv:2502.03304.
 *
 * @throws EngineError 'loss-not-finite'
 */
export async function searchMagnitudes(search: MagnitudeSearch): Promise<number[]> {
  const { settings, scorer, parameters, scaler, step, seed, batchAt } = search
  const { perturbationScale, iterations } = settings
  let ratios: Float64Array = new Float64Array(scaler.layerCount).fill(1)
  for (let iteration = 0; iteration < iterations; iteration++) {
    const batch = batchAt(iteration)
    const directions = ratioDirections(settings, scaler.layerCount, deriveSeed(seed, iteration))
    const lossAt = (side: 1 | -1): Promise<number> => {
      const probed = [...ratios].map((ratio, layer) => ratio + side * perturbationScale * directions[layer])
      return scaler.at(probed.map(toRatioUnits), async () =>
        meanLoss(await scorer.score(batch, parameters.overrides(null))),
      )
    }
    const [lossPlus, lossMinus] = [await lossAt(1), await lossAt(-1)]
    requireFinite([lossPlus, lossMinus], step)
    ratios = nextRatios(ratios, directions, { lossPlus, lossMinus }, settings)
  }
  return [...ratios].map(toRatioUnits)
}
