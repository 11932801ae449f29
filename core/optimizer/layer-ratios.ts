import { fillNormals } from '../random/directions.js'
import type { LayerMagnitudes } from '../schema/layer-magnitudes.js'

/**
 * Directions of a search of magnitudes, one number a layer: z ~ N(0, 1), clipped to ± τ / ε, so that no probe changes a layer's
 * distance by more than τ of it.
 *
 * Source: DiZO, arXiv:2502.03304, as its code clips.
 */
export function ratioDirections(
  { perturbationScale, largestChange }: LayerMagnitudes,
  layerCount: number,
  seed: number,
): Float64Array {
  const directions = new Float64Array(layerCount)
  fillNormals(directions, seed, 'magnitudes')
  const limit = largestChange / perturbationScale
  return directions.map((z) => clamp(z, -limit, limit))
}

/**
 * Ratios ρ_l = γ_l / t_l of a layer's distance γ_l to the one t_l that the search began with, after one pair of losses:
 * g = (l⁺ − l⁻) / 2ε;  ρ_l ← clip(ρ_l − η g z_l, 1 − τ, 1 + τ).
 *
 * DiZO measures γ_l in units of what moves, so that its probes are smaller the further a layer has gone; parts of t_l mean the
 * same for every parametrisation.
 *
 * Source: DiZO, arXiv:2502.03304, section 4, as its code takes the step.
 */
export function nextRatios(
  ratios: Float64Array,
  directions: Float64Array,
  { lossPlus, lossMinus }: { readonly lossPlus: number; readonly lossMinus: number },
  { perturbationScale, learningRate, largestChange }: LayerMagnitudes,
): Float64Array {
  const slope = (lossPlus - lossMinus) / (2 * perturbationScale)
  return ratios.map((ratio, layer) =>
    clamp(ratio - learningRate * slope * directions[layer], 1 - largestChange, 1 + largestChange),
  )
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}
