import { isOpenGraph, type OpenGraphModel } from '../engine/open-graph-model.js'
import type { OpenModel } from '../engine/open-model.js'
import { lockFile } from '../formats/file-lock.js'
import { GarbageWatch } from '../memory/garbage-watch.js'
import { measureMemory } from '../memory/measure.js'
import { releaseGarbage } from '../memory/release-garbage.js'
import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import { notice } from '../schema/notices.js'
import { scoreName } from '../schema/score.js'
import { openBlockEngine } from './block-engine.js'
import { costOf } from './cost.js'
import { openGraphEngine } from './graph-engine.js'
import type { EngineContext, RunContext, RunEngine } from './run-engine.js'
import { removeLeftovers } from './run-folder.js'
import { RunHistory } from './run-history.js'
import { train } from './train.js'

/**
 * Runs a job in its folder from the beginning or from wherever it was left, and gives everything back when it ends.
 *
 * @throws EngineError 'run-locked', and what `train` throws
 */
export async function* runJob(context: RunContext, signal: AbortSignal): AsyncGenerator<TrainEvent> {
  const { folder, job, model, data, now } = context
  const opened: (() => void | Promise<void>)[] = [lockFile(folder.lockPath, 'this run')]
  const closedAtEnd: EngineContext<OpenModel>['closedAtEnd'] = (part) => {
    opened.push(() => part.close())
    return part
  }
  try {
    removeLeftovers(folder)
    const history = closedAtEnd(new RunHistory(folder))
    const { scorer, stepper, prepare, beforeStep } = await openEngine({ ...context, history, closedAtEnd })
    const trainExamples = data.train.dataset.examples
    const devExamples = data.dev.dataset.examples
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
    if (prepare !== null) yield* prepare()
    const cost = costOf(job, model.model.description.layerCount, trainExamples)
    const garbage = new GarbageWatch()
    yield* train(
      { job, scorer, stepper, beforeStep, dev: devExamples, history, cost, now, measureMemory, garbage },
      signal,
    )
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

function openEngine(context: EngineContext<OpenModel | OpenGraphModel>): Promise<RunEngine> {
  const { model } = context
  return isOpenGraph(model) ? openGraphEngine({ ...context, model }) : openBlockEngine({ ...context, model })
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
