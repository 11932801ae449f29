import { BaseMargins } from '../engine/base-margins.js'
import { GraphScorer } from '../engine/graph-scorer.js'
import type { OpenGraphModel } from '../engine/open-graph-model.js'
import { AccuracyScorer } from '../evaluation/accuracy-scorer.js'
import { askAboutPairs } from './ask-about-pairs.js'
import { openProbeStepper } from './open-stepper.js'
import type { EngineContext, RunEngine } from './run-engine.js'

/** The engine of a model that runs by its own graph. @throws EngineError 'runtime-failed' */
export async function openGraphEngine(context: EngineContext<OpenGraphModel>): Promise<RunEngine> {
  const { folder, job, data, device, history, closedAtEnd } = context
  const { model } = context.model
  const { objective, examples: trainExamples } = data.train.dataset
  const options = { model, objective, tokensPerRun: job.tokensPerRun }
  const base = closedAtEnd(await GraphScorer.open(options, device))
  const baseMargins = new BaseMargins()
  const ofLoss = base.comparedWith(baseMargins)
  const scorer = job.score === null ? ofLoss : new AccuracyScorer(ofLoss)
  return {
    scorer,
    stepper: closedAtEnd(openProbeStepper({ job, folder, model, scorer, trainExamples, history })),
    prepare: async function* () {
      if (objective.kind !== 'preference') return
      yield* askAboutPairs(base, [trainExamples, data.dev.dataset.examples], baseMargins)
    },
  }
}
