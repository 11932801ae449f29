import type { Example } from '../data/example.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { evaluate } from '../evaluation/evaluate.js'
import { tokenLosses } from '../evaluation/token-losses.js'
import type { GarbageWatch } from '../memory/garbage-watch.js'
import type { MemoryUse } from '../memory/measure.js'
import { stateViews } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import type { EndReason, TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import { passesUntil, type Cost } from './cost.js'
import type { RunEngine } from './run-engine.js'
import type { RunHistory } from './run-history.js'
import type { Stepper } from './stepper.js'

/** What a run needs from outside. Each host passes its own clock and gauge. */
export interface TrainDependencies {
  readonly job: TrainJob
  readonly scorer: ExampleScorer
  readonly stepper: Stepper
  readonly beforeStep: RunEngine['beforeStep']
  readonly dev: readonly Example[]
  readonly history: RunHistory
  readonly cost: Cost
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
  readonly measureMemory: () => MemoryUse
  /** Keeps the heap small; asked between two steps. */
  readonly garbage: GarbageWatch
}

const lossSmoothing = 0.95

/**
 * Runs a job from wherever its history stands, reporting as it goes; ends on the best state. A step counts once its journal
 * line is written, so a process that is killed at any moment goes on from there with the same bits.
 *
 * @param signal aborting it ends the run after the current step; it can be resumed
 * @throws EngineError 'loss-not-finite', 'run-invalid', 'memory-budget-exceeded'; whatever the runtime or the disk throws
 */
export async function* train(
  dependencies: TrainDependencies,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent> {
  const { job, history, stepper, beforeStep, now, cost, garbage } = dependencies
  await stepper.restore()
  let step = history.stepCount
  let smoothedLoss: number | null = null
  let trainingMs = 0
  const firstStep = step
  for (;;) {
    if (beforeStep !== null) yield* beforeStep(step)
    if (isEvaluationDue(step, job) && !history.hasEvaluation(step)) {
      yield* evaluateState(dependencies, step)
    }
    const reason = endReasonAt(step, job, history, signal)
    if (reason !== null) {
      stepper.keep(step)
      yield endEvent(dependencies, step, reason)
      return
    }
    const started = now()
    const { loss, slope, divergence } = await stepper.take(step)
    trainingMs += now() - started
    step++
    smoothedLoss = smoothedLoss === null ? loss : lossSmoothing * smoothedLoss + (1 - lossSmoothing) * loss
    const stepMs = trainingMs / (step - firstStep)
    garbage.look()
    const memory = dependencies.measureMemory()
    yield {
      type: 'step',
      step,
      steps: job.steps,
      loss,
      slope,
      ...(divergence !== undefined && { divergence }),
      smoothedLoss,
      stepMs,
      remainingMs: stepMs * (job.steps - step),
      forwardPasses: passesUntil(cost, step),
      ...memory,
    }
    holdToBudget(memory.peakBytes, job, () => stepper.keep(step))
  }
}

async function* evaluateState(
  { job, scorer, stepper, dev, history, cost }: TrainDependencies,
  step: number,
): AsyncGenerator<TrainEvent> {
  const { parameters } = stepper
  const evaluation = evaluate(scorer, dev, parameters.overrides(null), step)
  let next = await evaluation.next()
  for (; next.done !== true; next = await evaluation.next()) yield { type: 'evaluating', step, ...next.value }
  const { figures, scores } = next.value
  const keepsEachState = job.recipe.estimator === 'gradients'
  const isBest = history.recordEvaluation(
    { step, ...figures },
    tokenLosses(scores),
    stateViews(parameters),
    keepsEachState,
  )
  stepper.keep(step)
  yield { type: 'evaluation', step, ...figures, isBest, forwardPasses: passesUntil(cost, step) }
}

/** @throws EngineError 'memory-budget-exceeded', after `keep` */
function holdToBudget(peakBytes: number, { budgetBytes }: TrainJob, keep: () => void): void {
  if (budgetBytes === null || peakBytes <= budgetBytes) return
  keep()
  const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6)
  throw new EngineError(
    'memory-budget-exceeded',
    { requiredBytes: peakBytes, availableBytes: budgetBytes },
    `the run holds ${inMegabytes(peakBytes)} MB, more than its budget of ${inMegabytes(budgetBytes)} MB; everything is kept: begin a run with a larger --budget or shorter rows`,
  )
}

function isEvaluationDue(step: number, { evaluateEvery, steps }: TrainJob): boolean {
  return step % evaluateEvery === 0 || step === steps
}

function endReasonAt(
  step: number,
  job: TrainJob,
  history: RunHistory,
  signal: AbortSignal,
): EndReason | null {
  if (step >= job.steps) return 'steps-done'
  if (job.patience !== null && history.evaluationsSinceBest() >= job.patience) return 'patience'
  return signal.aborted ? 'stopped' : null
}

function endEvent(
  { history, cost, measureMemory }: TrainDependencies,
  step: number,
  reason: EndReason,
): TrainEvent {
  const { before, best, lossChange } = history.comparison()
  return {
    type: 'end',
    reason,
    step,
    bestStep: best.step,
    before: figuresOnly(before),
    after: figuresOnly(best),
    lossChange: {
      mean: lossChange.mean,
      low: finiteOrNull(lossChange.low),
      high: finiteOrNull(lossChange.high),
    },
    isMeasurable: lossChange.low > 0 || lossChange.high < 0,
    forwardPasses: passesUntil(cost, step),
    peakBytes: measureMemory().peakBytes,
  }
}

function figuresOnly({
  loss,
  accuracy,
  examples,
}: {
  loss: number
  accuracy: number | null
  examples: number
}) {
  return { loss, accuracy, examples }
}

/** JSON has no infinity. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
