import type { Objective } from '../data/example.js'
import type { Device } from '../runtime/device.js'
import type { BaseMargins } from './base-margins.js'
import { BlockRunner } from './block-runner.js'
import type { LoadedModel } from './loaded-model.js'
import { defaultTokensPerRun, directFeatures, Scorer } from './scorer.js'
import { VocabularyHead } from './vocabulary-head.js'

/** A scorer of its own, for evaluating outside a run. */
export interface OpenScorer {
  readonly scorer: Scorer
  readonly close: () => Promise<void>
}

/**
 * Opens what scoring examples of one objective needs; every block runs each time.
 *
 * @param baseMargins what pairs are compared with
 */
export function openScorer(
  device: Device,
  model: LoadedModel,
  objective: Objective,
  baseMargins?: BaseMargins,
): OpenScorer {
  const runner = new BlockRunner(device, model)
  const vocabularyHead = new VocabularyHead(device, model)
  const features = directFeatures(model, runner, 0)
  return {
    scorer: new Scorer({
      model,
      runner,
      vocabularyHead,
      objective,
      baseMargins,
      features,
      tokensPerRun: defaultTokensPerRun,
    }),
    close: async () => {
      await runner.close()
      await vocabularyHead.close()
    },
  }
}
