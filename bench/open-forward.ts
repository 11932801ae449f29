import type { Objective } from '../core/data/example.js'
import { BlockRunner } from '../core/engine/block-runner.js'
import type { LoadedModel } from '../core/engine/loaded-model.js'
import { defaultTokensPerRun, directFeatures, type ScorerOptions } from '../core/engine/scorer.js'
import { VocabularyHead } from '../core/engine/vocabulary-head.js'
import { openCpuDevice } from '../core/runtime/ort-device.js'
import type { Device } from '../core/runtime/device.js'

/** What a scorer or a gradient engine runs with, on the processor: frozen layers below `firstLayer` run each time. */
export function openForward(
  model: LoadedModel,
  objective: Objective,
  firstLayer: number,
): ScorerOptions & { readonly device: Device } {
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  return {
    ...{ device, model, runner, objective },
    vocabularyHead: new VocabularyHead(device, model),
    features: directFeatures(model, runner, firstLayer),
    tokensPerRun: defaultTokensPerRun,
  }
}
