import type { Objective } from '../data/example.js'
import type { Device } from '../runtime/device.js'
import { BlockRunner } from './block-runner.js'
import type { LoadedModel } from './loaded-model.js'
import { directFeatures, Scorer } from './scorer.js'
import { VocabularyHead } from './vocabulary-head.js'

/** A scorer of its own, for evaluating outside a run. */
export interface OpenScorer {
  readonly scorer: Scorer
  close(): Promise<void>
}

/** Tokens, padding included, of one run of a block: beyond this, speed stays and memory grows. */
const tokensPerRun = 1024

/** Opens what scoring examples of one objective needs; every block runs each time. */
export function openScorer(device: Device, model: LoadedModel, objective: Objective): OpenScorer {
  const runner = new BlockRunner(device, model)
  const vocabularyHead = new VocabularyHead(device, model)
  const features = directFeatures(model, runner, 0)
  return {
    scorer: new Scorer({ model, runner, vocabularyHead, objective, features, tokensPerRun }),
    close: async () => {
      await runner.close()
      await vocabularyHead.close()
    },
  }
}
