import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { BaseMargins } from '../engine/base-margins.js'
import { BlockRunner } from '../engine/block-runner.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { GreedyWriter } from '../engine/greedy-writer.js'
import type { OpenModel } from '../engine/open-model.js'
import { directFeatures, Scorer, type ScorerOptions } from '../engine/scorer.js'
import { VocabularyHead } from '../engine/vocabulary-head.js'
import { AccuracyScorer } from '../evaluation/accuracy-scorer.js'
import { AnswerScorer } from '../evaluation/answer-scorer.js'
import { openAnswerScore, type OpenAnswerScore } from '../evaluation/score-answer.js'
import type { TrainJob } from '../schema/job.js'
import { isWritten } from '../schema/score.js'
import { askAboutPairs } from './ask-about-pairs.js'
import { deviceOfJob } from './device-of-job.js'
import { openStepper } from './open-stepper.js'
import type { EngineContext, RunEngine } from './run-engine.js'
import { RunFeatures } from './run-features.js'

/** The engine of a model whose blocks we run. @throws EngineError of what it opens */
export async function openBlockEngine(context: EngineContext<OpenModel>): Promise<RunEngine> {
  const { folder, job, model, data, now, history, closedAtEnd } = context
  const device = deviceOfJob(context.device, job)
  model.model.layers.streamBelow(job.streamedLayers)
  if (device.hasMemory) model.model.layers.streamFrom(job.processorLayers)
  const { width } = model.model.description
  const { objective, examples: trainExamples } = data.train.dataset
  const devExamples = data.dev.dataset.examples
  const runner = closedAtEnd(new BlockRunner(device, model.model, job.precision))
  const vocabularyHead = closedAtEnd(new VocabularyHead(device, model.model))
  const direct = directFeatures(model.model, runner, job.recipe.firstLayer)
  const examples = [...trainExamples, ...devExamples]
  const features = closedAtEnd(
    new RunFeatures({ job, path: folder.featuresPath, width, runner, direct, examples, objective }),
  )
  const ofBase = {
    model: model.model,
    runner,
    vocabularyHead,
    objective,
    features,
    tokensPerRun: job.tokensPerRun,
  }
  const baseMargins = new BaseMargins()
  const forward = { ...ofBase, baseMargins }
  const answerScore = isWritten(job.score) ? closedAtEnd(await openAnswerScore(job.score)) : null
  const scorer = scorerOf(job, forward, model.tokenizer, answerScore)
  const stepper = closedAtEnd(
    openStepper({ job, folder, device, now, scorer, forward, trainExamples, kept: data.kept, history }),
  )
  return {
    scorer,
    stepper,
    prepare: async function* () {
      yield* features.prepare()
      if (objective.kind === 'preference') {
        yield* askAboutPairs(new Scorer(ofBase), [trainExamples, devExamples], baseMargins)
      }
    },
    beforeStep: (step) => features.riseTo(step, stepper.parameters.overrides(null)),
  }
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
