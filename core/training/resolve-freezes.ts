import { requestIssue } from '../schema/request-issues.js'
import type { LayerFreeze } from '../schema/layer-freeze.js'
import type { ProbeRecipe } from '../schema/recipe.js'

/**
 * Freezes in the order in which they happen: each later than the one before, and further up, so that what a cache of hidden
 * states holds never changes below.
 *
 * @throws EngineError 'request-invalid' for another order, layers that are not trained, or steps that move more than their layers
 */
export function resolveFreezes(
  freezes: readonly LayerFreeze[],
  {
    name,
    firstLayer,
    endLayer,
    moments,
    magnitudes,
  }: Pick<ProbeRecipe, 'name' | 'firstLayer' | 'endLayer' | 'moments' | 'magnitudes'>,
): LayerFreeze[] {
  // Means go on where a step is 0, and magnitudes are of every layer.
  if (moments !== null || magnitudes !== null) throw requestIssue('freeze-with-means', { recipe: name })
  let below = { step: 0, layer: firstLayer }
  for (const freeze of freezes) {
    if (freeze.step <= below.step || freeze.layer <= below.layer || freeze.layer >= endLayer) {
      throw requestIssue('freeze-order', { first: firstLayer, last: endLayer - 1 })
    }
    below = freeze
  }
  return [...freezes]
}
