import { evaluationBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { BaseMargins } from '../engine/base-margins.js'
import { BlockRunner } from '../engine/block-runner.js'
import { FeatureCache } from '../engine/feature-cache.js'
import type { OpenModel } from '../engine/open-model.js'
import { runChunks } from '../engine/run-chunks.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { GreedyWriter } from '../engine/greedy-writer.js'
import { directFeatures, featureRows, Scorer, type ScorerOptions } from '../engine/scorer.js'
import { VocabularyHead } from '../engine/vocabulary-head.js'
import { AccuracyScorer } from '../evaluation/accuracy-scorer.js'
import { AnswerScorer } from '../evaluation/answer-scorer.js'
import { openAnswerScore, type OpenAnswerScore } from '../evaluation/score-answer.js'
import { askBase } from '../evaluation/ask-base.js'
import { lockFile } from '../formats/file-lock.js'
import { GarbageWatch } from '../memory/garbage-watch.js'
import { measureMemory } from '../memory/measure.js'
import { releaseGarbage } from '../memory/release-garbage.js'
import type { Device } from '../runtime/device.js'
import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import { notice } from '../schema/notices.js'
import { isWritten, scoreName } from '../schema/score.js'
import { costOf } from './cost.js'
import type { RunData } from './open-data.js'
import { openStepper } from './open-stepper.js'
import { removeLeftovers, type RunFolder } from './run-folder.js'
import { RunHistory } from './run-history.js'
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
  const opened: (() => void | Promise<void>)[] = [lockFile(folder.lockPath, 'this run')]
  const closedAtEnd = <T extends { close: () => void | Promise<void> }>(part: T): T => {
    opened.push(() => part.close())
    return part
  }
  try {
    removeLeftovers(folder)
    model.model.layers.streamBelow(job.streamedLayers)
    const { width, layerCount } = model.model.description
    const { objective, examples: trainExamples } = data.train.dataset
    const devExamples = data.dev.dataset.examples
    const runner = closedAtEnd(new BlockRunner(device, model.model, job.precision))
    const vocabularyHead = closedAtEnd(new VocabularyHead(device, model.model))
    const direct = directFeatures(model.model, runner, job.recipe.firstLayer)
    const cache =
      job.features === 'cached' ? closedAtEnd(new FeatureCache(folder.featuresPath, direct, width)) : null
    const history = closedAtEnd(new RunHistory(folder))
    const ofBase = {
      model: model.model,
      runner,
      vocabularyHead,
      objective,
      features: cache ?? direct,
      tokensPerRun: job.tokensPerRun,
    }
    const baseMargins = new BaseMargins()
    const forward = { ...ofBase, baseMargins }
    const answerScore = isWritten(job.score) ? closedAtEnd(await openAnswerScore(job.score)) : null
    const scorer = scorerOf(job, forward, model.tokenizer, answerScore)
    const stepper = closedAtEnd(
      openStepper({ job, folder, device, now, scorer, forward, trainExamples, kept: data.kept, history }),
    )
    releaseGarbage()
    yield {
      type: 'start',
      step: history.stepCount,
      steps: job.steps,
      trainedNumbers: stepper.parameters.count,
      trainExamples: trainExamples.length,
      devExamples: devExamples.length,
    }
    for (const message of [...data.notices, ...noticesOf(job)]) yield { type: 'notice', message }
    if (cache !== null) yield* fillCache(cache, context, [...trainExamples, ...devExamples])
    if (objective.kind === 'preference') {
      yield* askAboutAll(new Scorer(ofBase), [trainExamples, devExamples], baseMargins)
    }
    const cost = costOf(job, layerCount, trainExamples)
    const garbage = new GarbageWatch()
    yield* train(
      { job, scorer, stepper, dev: devExamples, history, cost, now, measureMemory, garbage },
      signal,
    )
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

/** What a job says of itself. */
function noticesOf({ score, layerChoice, recipe }: TrainJob): string[] {
  const ofLayers = (kept: number): string =>
    notice('layers-by-probing', { first: recipe.firstLayer, percent: Math.round(100 * kept) })
  return [
    ...(layerChoice === null ? [] : [ofLayers(layerChoice.keptShare)]),
    ...(score === null ? [] : [notice('trained-on-score', { score: scoreName(score) })]),
  ]
}

/** What the run is trained and judged by: the loss of its task, or a score in its place. */
function scorerOf(
  { score }: TrainJob,
  forward: ScorerOptions,
  tokenizer: Tokenizer,
  answerScore: OpenAnswerScore | null,
): ExampleScorer {
  if (isWritten(score) && answerScore !== null) {
    const writer = new GreedyWriter({ ...forward, endIds: tokenizer.endIds })
    return new AnswerScorer(writer, tokenizer, answerScore.scoreOf, score.maxTokens)
  }
  const scorer = new Scorer(forward)
  return score === null ? scorer : new AccuracyScorer(scorer)
}

/** Asks the base about the pairs of both files, each as an evaluation would. */
async function* askAboutAll(
  base: Scorer,
  files: readonly (readonly Example[])[],
  margins: BaseMargins,
): AsyncGenerator<TrainEvent> {
  const total = files.reduce((sum, { length }) => sum + length, 0)
  let before = 0
  for (const examples of files) {
    for await (const { done } of askBase(base, examples, margins)) {
      yield { type: 'base', done: before + done, total }
    }
    before += examples.length
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
