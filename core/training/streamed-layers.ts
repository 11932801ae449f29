import type { LoadedModel } from '../engine/loaded-model.js'
import type { TrainJob } from '../schema/job.js'
import type { Recipe } from '../schema/recipe.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { hasOwnDirections } from './recipe-templates.js'

/** Parts that stand beside the weights and never look at them. */
const besideWeights: ReadonlySet<TrainedPartSettings['kind']> = new Set([
  'factors',
  'low-rank',
  'soft-prompt',
  'norms',
  'biases',
])

/**
 * How many layers, from the first on, can be read anew each time. What is trained in place of scales, zero points or codes
 * is made from a layer's own, so such layers stay in memory.
 */
export function mostStreamedLayers(recipe: Recipe, layerCount: number): number {
  const leavesWeightsAlone =
    recipe.estimator === 'gradients'
      ? recipe.parts.every(({ kind }) => besideWeights.has(kind))
      : hasOwnDirections(recipe)
  return leavesWeightsAlone ? layerCount : recipe.firstLayer
}

/**
 * Bytes that a step reads from the model's file for layers that are not kept, at most: every run of a block needs them once
 * forward, and once more backward where gradients go through them.
 *
 * @param longestTokens of a row
 */
export function streamedBytesPerStep(job: TrainJob, { blocks }: LoadedModel, longestTokens: number): number {
  const { recipe, features, streamedLayers, batchSize, tokensPerRun } = job
  const copies = recipe.estimator === 'probes' ? 2 : 1
  const rowsPerRun = Math.max(1, Math.floor(tokensPerRun / (copies * longestTokens)))
  const runs = Math.ceil(batchSize / rowsPerRun)
  const bytesFrom = (first: number): number =>
    blocks.slice(first, streamedLayers).reduce((sum, { stored }) => sum + stored.fileBytes, 0)
  const forward = bytesFrom(features === 'cached' ? recipe.firstLayer : 0)
  const backward = recipe.estimator === 'gradients' ? bytesFrom(recipe.firstLayer) : 0
  return runs * (forward + backward)
}
