import { onTestFinished } from 'vitest'
import type { LabelExample, Objective } from '../../core/data/example.js'
import { BlockRunner } from '../../core/engine/block-runner.js'
import { GradientEngine } from '../../core/engine/gradient-engine.js'
import type { TokenSampling } from '../../core/engine/token-sampling.js'
import type { LoadedModel } from '../../core/engine/loaded-model.js'
import { directFeatures, Scorer } from '../../core/engine/scorer.js'
import { VocabularyHead } from '../../core/engine/vocabulary-head.js'
import type { DifferentiatedParameters } from '../../core/parameters/differentiated-parameters.js'
import type { TrainedState } from '../../core/parameters/trained-parameters.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { meanLoss } from '../../core/training/estimate.js'
import { labelExamples } from './differentiated-model.js'
import { randomNumbers } from './random-numbers.js'

/** Labels of one token each, among those of a tiny model. */
export const tinyLabels: Objective = {
  kind: 'labels',
  options: [5, 60, 17].map((token, index) => ({ name: String(index), text: String(index), tokens: [token] })),
}

export const tinyBatch: readonly LabelExample[] = labelExamples([7, 3, 12, 5], 64, 3)

/** A tiny model's loss on a few labelled rows. */
export interface PartsUnderTest {
  /** At the current values of `parameters`; of the model itself for null. */
  readonly loss: (parameters: TrainedState | null) => Promise<number>
  /** Fills the gradients of the trained tensors, from all tokens unless some are to be drawn. */
  readonly differentiate: (parameters: DifferentiatedParameters, sampling?: TokenSampling) => Promise<void>
}

export function openParts(model: LoadedModel): PartsUnderTest {
  const device = openCpuDevice({ threads: 1 })
  const runner = new BlockRunner(device, model)
  const vocabularyHead = new VocabularyHead(device, model)
  const features = directFeatures(model, runner, 0)
  const options = { model, runner, vocabularyHead, objective: tinyLabels, features, tokensPerRun: 24 }
  const scorer = new Scorer(options)
  const engine = new GradientEngine({ ...options, device })
  onTestFinished(async () => {
    await engine.close()
    await runner.close()
    await vocabularyHead.close()
  })
  return {
    loss: async (parameters) =>
      meanLoss(await scorer.score(tinyBatch, parameters?.overrides(null) ?? (() => null))),
    differentiate: async (parameters, sampling) => {
      for (const { gradient } of parameters.tensors) gradient.fill(0)
      await engine.gradients(
        tinyBatch,
        parameters.overrides(null),
        (layer) => parameters.wanted(layer),
        (layer, gradients) => parameters.accumulate(layer, gradients),
        { sampling: sampling ?? null },
      )
    },
  }
}

/** Moves every trained number by up to ± `distance`; the same for equal seeds. */
export function moveRandomly(parameters: DifferentiatedParameters, distance: number, seed = 3): void {
  const random = randomNumbers(seed)
  for (const { values } of parameters.tensors) {
    for (let i = 0; i < values.length; i++) values[i] += distance * random.symmetric()
  }
  parameters.refresh()
}
