import { GradientEngine } from '../core/engine/gradient-engine.js'
import { Scorer } from '../core/engine/scorer.js'
import { recipeTemplates } from '../core/training/recipe-templates.js'
import { createDifferentiatedParameters } from '../core/training/recipes.js'
import { spreadOf, type Spread } from './machine.js'
import { openForward } from './open-forward.js'
import { benchRows } from './peer.js'
import type { BenchTask } from './tasks.js'

/** Exact gradients against bare forward passes of the whole model over the same batch, taken in turn. */
export interface BackwardResult {
  readonly layers: 'all' | 'upper half'
  /** Limit on the sweep back. */
  readonly limit: number
  readonly forwardMs: Spread
  /** The forward pass that keeps states, and the sweep back. */
  readonly bothMs: Spread
  readonly bothRatio: Spread
  /** The sweep back alone: both, less the forward pass. */
  readonly sweepRatio: Spread
}

/** Times `batchCount` batches of a task. */
export async function measureBackward(
  task: BenchTask,
  layers: BackwardResult['layers'],
  batchCount: number,
): Promise<BackwardResult> {
  const { model, dataset, batches } = benchRows(task, 42)
  const { layerCount } = model.description
  const firstLayer = layers === 'all' ? 0 : Math.floor(layerCount / 2)
  const forward = openForward(model, dataset.objective, firstLayer)
  const scorer = new Scorer(forward)
  const engine = new GradientEngine(forward)
  const parameters = createDifferentiatedParameters(
    { ...recipeTemplates['exact-rows'], firstLayer, endLayer: layerCount },
    model,
  )
  const forwardMs: number[] = []
  const bothMs: number[] = []
  for (let index = 0; index <= batchCount; index++) {
    const batch = batches.at(index)
    const both = await timed(async () => {
      await engine.gradients(
        batch,
        parameters.overrides(null),
        (layer) => parameters.wanted(layer),
        (layer, gradients) => parameters.accumulate(layer, gradients),
      )
    })
    const bare = await timed(async () => {
      await scorer.score(batch, () => null)
    })
    // The first batch opens the sessions.
    if (index === 0) continue
    bothMs.push(both)
    forwardMs.push(bare)
  }
  await engine.close()
  await forward.runner.close()
  return {
    layers,
    limit: layers === 'all' ? 3 : 1.6,
    forwardMs: spreadOf(forwardMs),
    bothMs: spreadOf(bothMs),
    bothRatio: spreadOf(bothMs.map((both, index) => both / forwardMs[index])),
    sweepRatio: spreadOf(bothMs.map((both, index) => both / forwardMs[index] - 1)),
  }
}

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}
