import { BaseMargins } from '../engine/base-margins.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { isTensorGraph, type TensorGraphModel, type TokenGraphModel } from '../engine/graph-model.js'
import { GraphScorer } from '../engine/graph-scorer.js'
import type { OpenGraphModel } from '../engine/open-graph-model.js'
import { TensorScorer } from '../engine/tensor-scorer.js'
import { AccuracyScorer } from '../evaluation/accuracy-scorer.js'
import { askAboutPairs } from './ask-about-pairs.js'
import { openProbeStepper } from './open-stepper.js'
import type { EngineContext, RunEngine } from './run-engine.js'
import type { Stepper } from './stepper.js'

/** The engine of a model that runs by its own graph. @throws EngineError 'runtime-failed' */
export async function openGraphEngine(context: EngineContext<OpenGraphModel>): Promise<RunEngine> {
  const { model } = context.model
  return isTensorGraph(model) ? openTensorEngine(context, model) : openTokenEngine(context, model)
}

async function openTokenEngine(
  context: EngineContext<OpenGraphModel>,
  model: TokenGraphModel,
): Promise<RunEngine> {
  const { job, data, device, closedAtEnd } = context
  const { objective, examples } = data.train.dataset
  const options = { model, objective, tokensPerRun: job.tokensPerRun }
  const base = closedAtEnd(await GraphScorer.open(options, device))
  const baseMargins = new BaseMargins()
  const ofLoss = base.comparedWith(baseMargins)
  const scorer = job.score === null ? ofLoss : new AccuracyScorer(ofLoss)
  return {
    scorer,
    stepper: openStepper(context, scorer),
    prepare: async function* () {
      if (objective.kind !== 'preference') return
      yield* askAboutPairs(base, [examples, data.dev.dataset.examples], baseMargins)
    },
    beforeStep: null,
  }
}

/** Of a graph from tensors to tensors, whose loss is the mean squared error of one of its outputs. */
async function openTensorEngine(
  context: EngineContext<OpenGraphModel>,
  model: TensorGraphModel,
): Promise<RunEngine> {
  const { job, data, device, closedAtEnd } = context
  const { objective } = data.train.dataset
  const options = { model, objective, positionsPerRun: job.tokensPerRun }
  const scorer = closedAtEnd(await TensorScorer.open(options, device))
  return { scorer, stepper: openStepper(context, scorer), prepare: null, beforeStep: null }
}

function openStepper(context: EngineContext<OpenGraphModel>, scorer: ExampleScorer): Stepper {
  const { folder, job, data, history, closedAtEnd } = context
  const { model } = context.model
  const trainExamples = data.train.dataset.examples
  return closedAtEnd(openProbeStepper({ job, folder, model, scorer, trainExamples, history }))
}
