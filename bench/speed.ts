import { BlockRunner } from '../core/engine/block-runner.js'
import { defaultTokensPerRun, directFeatures, Scorer } from '../core/engine/scorer.js'
import { VocabularyHead } from '../core/engine/vocabulary-head.js'
import { openCpuDevice } from '../core/runtime/ort-device.js'
import type { ProbeRecipe } from '../core/schema/recipe.js'
import { measureLosses } from '../core/training/estimate.js'
import { recipeTemplates } from '../core/training/recipe-templates.js'
import { createProbedParameters } from '../core/training/recipes.js'
import { spreadOf, type Spread } from './machine.js'
import { benchRows } from './peer.js'
import { sst2Task } from './tasks.js'
import { timedDevice } from './timed-device.js'

/** A step against bare forward passes of the same batch, taken in turn. */
export interface SpeedResult {
  readonly recipe: ProbeRecipe['name']
  /** What a bare pass ran: `B` rows, or `2B` where a step runs both signs at once. */
  readonly bareRows: 'B' | '2B'
  readonly limit: number
  readonly stepMs: Spread
  readonly bareMs: Spread
  readonly ratio: Spread
  /** Of a step and of a bare pass, the time outside of graphs: our own code, with the probe and the move in a step. */
  readonly stepOutside: Spread
  readonly bareOutside: Spread
}

/**
 * Times steps of a recipe over all layers against bare forward passes of the same rows, in turn on the same batches, so that
 * a machine that is shared slows both.
 */
export async function measureSpeed(recipe: ProbeRecipe['name'], batchCount: number): Promise<SpeedResult> {
  const { model, dataset, batches } = benchRows(sst2Task(), seed)
  const { device, takeMs } = timedDevice(openCpuDevice())
  const runner = new BlockRunner(device, model)
  const scorer = new Scorer({
    model,
    runner,
    vocabularyHead: new VocabularyHead(device, model),
    objective: dataset.objective,
    features: directFeatures(model, runner, 0),
    tokensPerRun: defaultTokensPerRun,
  })
  const template = recipeTemplates[recipe]
  const parameters = createProbedParameters(
    { ...template, firstLayer: 0, endLayer: model.description.layerCount },
    model,
  )
  const bothSigns = parameters.lanes === 'example'
  const stepMs: number[] = []
  const bareMs: number[] = []
  const outside: { step: number; bare: number }[] = []
  for (let index = -1; index < batchCount; index++) {
    const batch = batches.at(index + 1)
    const probe = { seed: index + 1, epsilon: template.perturbationScale }
    takeMs()
    const step = await timed(async () => {
      await measureLosses(scorer, batch, parameters, template.probing, probe)
      // A move of one unit, a millionth: its cost is real, its effect is not.
      parameters.move(probe.seed, bothSigns ? batch.map(() => 1) : [1])
    })
    const stepGraphs = takeMs()
    const bare = await timed(async () => {
      await scorer.score(bothSigns ? [...batch, ...batch] : batch, () => null)
    })
    // The first batch opens the sessions.
    if (index < 0) continue
    stepMs.push(step)
    bareMs.push(bare)
    outside.push({ step: 1 - stepGraphs / step, bare: 1 - takeMs() / bare })
  }
  await runner.close()
  return {
    recipe,
    bareRows: bothSigns ? '2B' : 'B',
    limit: bothSigns ? 1.1 : 2.15,
    stepMs: spreadOf(stepMs),
    bareMs: spreadOf(bareMs),
    ratio: spreadOf(stepMs.map((ms, index) => ms / bareMs[index])),
    stepOutside: spreadOf(outside.map(({ step }) => step)),
    bareOutside: spreadOf(outside.map(({ bare }) => bare)),
  }
}

/** Of the order of rows. */
const seed = 42

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}
