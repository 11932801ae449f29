import { shuffledIndices } from '../random/shuffle.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import { firstMovingLayer } from './moving-layers.js'

/** Keeps the choice of layers apart from whatever else a step's seed decides. */
const purpose = 0x1a7e

/**
 * The layers that a step probes and moves; null for all of the recipe's. Of those that do not stay as they are from an earlier
 * step on, they are chosen anew by each step's seed, as many as the recipe's share, one at least.
 *
 * Source: LeZO, layer-wise sparse zeroth-order optimisation, arXiv:2410.09823.
 */
export function activeLayers(recipe: ProbeRecipe, step: number, seed: number): ReadonlySet<number> | null {
  const { endLayer, layerShare } = recipe
  const firstLayer = firstMovingLayer(recipe, step)
  if (layerShare === 1 && firstLayer === recipe.firstLayer) return null
  const count = endLayer - firstLayer
  const chosen = shuffledIndices(count, deriveSeed(seed, purpose)).subarray(
    0,
    Math.max(1, Math.round(layerShare * count)),
  )
  return new Set([...chosen].map((index) => firstLayer + index))
}
