import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Objective } from '../../../core/data/example.js'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { GradientEngine } from '../../../core/engine/gradient-engine.js'
import { directFeatures } from '../../../core/engine/scorer.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import { LossScale } from '../../../core/optimizer/loss-scale.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { GradientStepper, type GradientSource } from '../../../core/training/gradient-stepper.js'
import { createDifferentiatedParameters } from '../../../core/training/recipes.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { runFolder } from '../../../core/training/run-folder.js'
import { RunHistory } from '../../../core/training/run-history.js'
import type { JournalLine } from '../../../core/training/run-records.js'
import { labelExamples } from '../../support/differentiated-model.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const objective: Objective = {
  kind: 'labels',
  options: [5, 60, 17].map((token, index) => ({ name: `${index}`, text: `${index}`, tokens: [token] })),
}
const steps = 12

/** A loss scale of 2^exponent. */
function scaleOf(exponent: number): LossScale {
  const scale = new LossScale()
  scale.load(new Uint8Array(Int32Array.of(exponent, 0).buffer))
  return scale
}

interface Opened {
  readonly stepper: GradientStepper
  readonly lossScale: LossScale
  readonly journal: () => JournalLine[]
}

/** A stepper in half floats over a random model, in a run's folder, and from wherever that was left. */
async function open(folder: string, lossScale: LossScale, source?: GradientSource): Promise<Opened> {
  mkdirSync(folder, { recursive: true })
  const { model } = openTiny()
  const { layerCount } = model.description
  const device = openCpuDevice({ threads: 1 })
  const runner = new BlockRunner(device, model, 'float16')
  const vocabularyHead = new VocabularyHead(device, model)
  const features = directFeatures(model, runner, 0)
  const engine = new GradientEngine({
    ...{ model, runner, vocabularyHead, objective, features, device, tokensPerRun: 512 },
  })
  const recipe = resolveRecipe({ recipe: 'exact-rows', seed: 1 }, layerCount)
  if (recipe.estimator !== 'gradients') throw new Error('exact-rows has gradients')
  const parameters = createDifferentiatedParameters(recipe, model)
  const files = runFolder(folder)
  const history = new RunHistory(files)
  const stepper = new GradientStepper({
    ...{ recipe, seed: 1, steps, parameters, history, lossScale, keepBase: null, now: () => 0 },
    source: source ?? engine,
    rules: parameters.tensors.map((tensor) => createTensorRule(recipe.update, tensor, 1)),
    batchAt: (step) => labelExamples([7, 3 + step, 12, 5], 64, 3),
    checkpointPath: files.checkpointPath,
  })
  onTestFinished(async () => {
    await engine.close()
    await runner.close()
    await vocabularyHead.close()
    history.close()
  })
  await stepper.restore()
  const journal = (): JournalLine[] => {
    history.sync()
    const lines = readFileSync(files.journalPath, 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as JournalLine)
  }
  return { stepper, lossScale, journal }
}

it('a step that overflows is taken again at half the scale, from the same state', async () => {
  const folder = temporaryFolder()
  const tooLarge = await open(join(folder, 'too-large'), scaleOf(40))
  await tooLarge.stepper.take(0)
  const exponent = Math.log2(tooLarge.lossScale.value)
  expect(exponent).toBeGreaterThan(0)
  expect(exponent).toBeLessThan(40)
  const right = await open(join(folder, 'right'), scaleOf(exponent))
  await right.stepper.take(0)
  // The scale that it began with is twice too large, or the other would have gone on with it.
  expect(tooLarge.journal()).toEqual(right.journal())
  expect(tooLarge.journal()).toMatchObject([{ step: 0, lossScale: 2 ** exponent }])
  expect(tooLarge.stepper.parameters.save()).toEqual(right.stepper.parameters.save())
})

it('a run that is killed goes on at its scale, and ends with the same bits', async () => {
  const folder = temporaryFolder()
  const whole = await open(join(folder, 'whole'), scaleOf(40))
  for (let step = 0; step < 6; step++) await whole.stepper.take(step)

  const killed = await open(join(folder, 'killed'), scaleOf(40))
  for (let step = 0; step < 4; step++) {
    if (step === 2) killed.stepper.keep(step)
    await killed.stepper.take(step)
  }
  killed.journal()
  const resumed = await open(join(folder, 'killed'), scaleOf(40))
  expect(resumed.lossScale.parts).toEqual(killed.lossScale.parts)
  for (let step = 4; step < 6; step++) await resumed.stepper.take(step)
  expect(resumed.journal()).toEqual(whole.journal())
  expect(resumed.stepper.parameters.save()).toEqual(whole.stepper.parameters.save())
  expect(resumed.lossScale.parts).toEqual(whole.lossScale.parts)
  expect(whole.lossScale.value).toBeLessThan(2 ** 40)
})

it('gradients that no scale makes finite end the run, with the state as it was', async () => {
  const scales: number[] = []
  const score = { loss: 1, tokens: 1, prediction: 0, isCorrect: true, margin: null }
  const source: GradientSource = {
    gradients: (batch, _, wanted, collect, { lossScale = 1 }) => {
      scales.push(lossScale)
      const infinite = new Float32Array(96).fill(Infinity)
      collect(0, Object.fromEntries(wanted(0).map((name) => [name, infinite])))
      return Promise.resolve(batch.map(() => score))
    },
    divergences: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  }
  const { stepper } = await open(join(temporaryFolder(), 'run'), scaleOf(3), source)
  const before = stepper.parameters.save()
  await expect(stepper.take(0)).rejects.toMatchObject({ code: 'loss-not-finite' })
  expect(scales).toEqual([8, 4, 2, 1])
  expect(stepper.parameters.save()).toEqual(before)
})
