import { trainingBatches, evaluationBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import { BlockRunner } from '../engine/block-runner.js'
import { FeatureCache } from '../engine/feature-cache.js'
import type { OpenModel } from '../engine/open-model.js'
import { runChunks } from '../engine/run-chunks.js'
import { directFeatures, featureRows, Scorer, type FeatureSource } from '../engine/scorer.js'
import { VocabularyHead } from '../engine/vocabulary-head.js'
import { measureMemory } from '../memory/measure.js'
import { releaseGarbage } from '../memory/release-garbage.js'
import type { Device } from '../runtime/device.js'
import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import { costOf } from './cost.js'
import type { RunData } from './open-data.js'
import { createParameters, ruleOf } from './recipes.js'
import { removeLeftovers, type RunFolder } from './run-folder.js'
import { RunHistory } from './run-history.js'
import { lockRun } from './run-lock.js'
import { train } from './train.js'

/** What a host brings to a run. */
export interface RunContext {
  readonly folder: RunFolder
  readonly job: TrainJob
  readonly model: OpenModel
  readonly data: RunData
  readonly device: Device
  readonly now: () => number
}

/**
 * Runs a job in its folder from the beginning or from wherever it was left, and gives everything back when it ends.
 *
 * @throws EngineError 'run-locked', and what `train` throws
 */
export async function* runJob(context: RunContext, signal: AbortSignal): AsyncGenerator<TrainEvent> {
  const { folder, job, model, data, device, now } = context
  const unlock = lockRun(folder.lockPath)
  removeLeftovers(folder)
  const runner = new BlockRunner(device, model.model)
  const vocabularyHead = new VocabularyHead(device, model.model)
  const direct = directFeatures(model.model, runner, job.recipe.firstLayer)
  const { width, layerCount } = model.model.description
  const cache = job.features === 'cached' ? new FeatureCache(folder.featuresPath, direct, width) : null
  const history = new RunHistory(folder)
  try {
    const parameters = createParameters(job.recipe, model.model)
    releaseGarbage()
    const trainExamples = data.train.dataset.examples
    const devExamples = data.dev.dataset.examples
    yield {
      type: 'start',
      step: history.stepCount,
      steps: job.steps,
      trainedNumbers: parameters.count,
      trainExamples: trainExamples.length,
      devExamples: devExamples.length,
    }
    for (const message of data.notices) yield { type: 'notice', message }
    if (cache !== null) yield* fillCache(cache, context, [...trainExamples, ...devExamples])
    const features: FeatureSource = cache ?? direct
    const { objective } = data.train.dataset
    const { tokensPerRun } = job
    const batches = trainingBatches(trainExamples, job.batchSize, job.seed)
    const dependencies = {
      job,
      scorer: new Scorer({ model: model.model, runner, vocabularyHead, objective, features, tokensPerRun }),
      parameters,
      rule: ruleOf(job.recipe),
      batchAt: (step: number) => batches.at(step),
      dev: devExamples,
      history,
      cost: costOf(job, layerCount, trainExamples.length),
      now,
      measureMemory,
    }
    yield* train(dependencies, signal)
  } finally {
    history.close()
    cache?.close()
    await runner.close()
    await vocabularyHead.close()
    unlock()
  }
}

/** Fills the cache in fixed batches, so that every session of a run computes the same bits. */
async function* fillCache(
  cache: FeatureCache,
  { job, data }: RunContext,
  examples: readonly Example[],
): AsyncGenerator<TrainEvent> {
  const { objective } = data.train.dataset
  const sorted = evaluationBatches(examples, examples.length).flat()
  let done = 0
  for (const chunk of runChunks(sorted, objective, 1, job.tokensPerRun)) {
    await cache.fill(featureRows(chunk.examples))
    done += chunk.examples.length
    yield { type: 'features', done, total: examples.length, bytes: cache.byteLength }
  }
}
