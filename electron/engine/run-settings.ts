import type { TrainJob } from '../../core/index.js'
import type { RunSettings } from '../ipc/plan.js'

/** Every setting of a job as the page shows it. */
export function settingsOf(job: TrainJob, layerCount: number): RunSettings {
  const { recipe, steps, batchSize, evaluateEvery, patience, features, seed, data } = job
  return {
    recipe: recipe.name,
    steps,
    batchSize,
    learningRate: recipe.update.learningRate,
    perturbationScale: recipe.estimator === 'probes' ? recipe.perturbationScale : null,
    firstLayer: recipe.firstLayer,
    lastLayer: recipe.endLayer - 1,
    layerCount,
    hasColumns: hasColumns(recipe),
    evaluateEvery,
    patience,
    features,
    seed,
    maximumTokens: data.maximumTokens,
  }
}

function hasColumns(recipe: TrainJob['recipe']): boolean {
  if (recipe.estimator === 'probes') return recipe.parameters === 'row-and-column-factors'
  return recipe.parts.some((part) => part.kind === 'factors' && part.hasColumns)
}
