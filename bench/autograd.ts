import { GradientEngine } from '../core/engine/gradient-engine.js'
import { recipeTemplates } from '../core/training/recipe-templates.js'
import { createDifferentiatedParameters } from '../core/training/recipes.js'
import { meanLoss } from '../core/training/estimate.js'
import { openForward } from './open-forward.js'
import { benchRows, torchGradients } from './peer.js'
import type { BenchTask } from './tasks.js'

/** Our gradients of row factors against those of PyTorch's autograd, on a training batch and the same weights. */
export interface AutogradResult {
  readonly vectors: number
  readonly numbers: number
  readonly lossDifference: number
  /** ‖ours − theirs‖ / ‖theirs‖, of all numbers together, and of the worst vector. */
  readonly relativeDifference: number
  readonly worstVector: { readonly name: string; readonly relativeDifference: number }
}

/** Compares every row factor of every linear of the model. */
export async function compareAutograd(task: BenchTask, seed: number): Promise<AutogradResult> {
  const theirs = await torchGradients(task, seed)
  const { model, dataset, batches } = benchRows(task, seed)
  const forward = openForward(model, dataset.objective, 0)
  const engine = new GradientEngine(forward)
  const parameters = createDifferentiatedParameters(
    { ...recipeTemplates['exact-rows'], firstLayer: 0, endLayer: model.description.layerCount },
    model,
  )
  const scores = await engine.gradients(
    batches.at(0),
    parameters.overrides(null),
    (layer) => parameters.wanted(layer),
    (layer, gradients) => parameters.accumulate(layer, gradients),
  )
  await engine.close()
  await forward.runner.close()
  const compared = parameters.tensors.map(({ name, gradient }) => {
    const expected = theirs.gradients[name]
    const squares = gradient.reduce((sum, value, index) => sum + (value - expected[index]) ** 2, 0)
    const norm = expected.reduce((sum, value) => sum + value ** 2, 0)
    return { name, squares, norm, relativeDifference: Math.sqrt(squares / norm), count: gradient.length }
  })
  const total = (part: 'squares' | 'norm' | 'count'): number =>
    compared.reduce((sum, each) => sum + each[part], 0)
  const worst = compared.reduce((left, right) =>
    right.relativeDifference > left.relativeDifference ? right : left,
  )
  return {
    vectors: compared.length,
    numbers: total('count'),
    lossDifference: Math.abs(meanLoss(scores) - theirs.loss),
    relativeDifference: Math.sqrt(total('squares') / total('norm')),
    worstVector: { name: worst.name, relativeDifference: worst.relativeDifference },
  }
}
