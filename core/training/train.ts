import type { Example } from '../data/example.js'
import type { Scorer } from '../engine/scorer.js'
import { evaluate } from '../evaluation/evaluate.js'
import type { MemoryUse } from '../memory/measure.js'
import type { RuleState, UpdateRule } from '../optimizer/update-rule.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import { EngineError } from '../schema/engine-error.js'
import type { EndReason, TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import type { Cost } from './cost.js'
import { estimateTwoPoint } from './estimate.js'
import type { RunHistory } from './run-history.js'

/** What a run needs from outside. Each host passes its own clock and gauge. */
export interface TrainDependencies {
  readonly job: TrainJob
  readonly scorer: Scorer
  readonly parameters: TrainedParameters
  readonly rule: UpdateRule
  readonly batchAt: (step: number) => readonly Example[]
  readonly dev: readonly Example[]
  readonly history: RunHistory
  readonly cost: Cost
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
  readonly measureMemory: () => MemoryUse
}

const lossSmoothing = 0.95

/**
 * Runs a job from wherever its history stands, reporting as it goes; ends on the best state. A step counts once its journal
 * line is written, so a process that is killed at any moment goes on from there with the same bits.
 *
 * @param signal aborting it ends the run after the current step; it can be resumed
 * @throws EngineError 'loss-not-finite'; whatever the runtime or the disk throws
 */
export async function* train(
  dependencies: TrainDependencies,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent> {
  const { job, history, parameters, now, cost } = dependencies
  let rule = history.replay(parameters, dependencies.rule, job)
  let step = history.stepCount
  let smoothedLoss: number | null = null
  let trainingMs = 0
  const firstStep = step
  for (;;) {
    if (isEvaluationDue(step, job) && !history.hasEvaluation(step)) {
      yield* evaluateState(dependencies, step)
    }
    const reason = endReasonAt(step, job, history, signal)
    if (reason !== null) {
      history.sync()
      yield endEvent(dependencies, step, reason)
      return
    }
    const started = now()
    const taken = await takeStep(dependencies, step, rule)
    trainingMs += now() - started
    rule = taken.state
    step++
    smoothedLoss =
      smoothedLoss === null ? taken.loss : lossSmoothing * smoothedLoss + (1 - lossSmoothing) * taken.loss
    const stepMs = trainingMs / (step - firstStep)
    yield {
      type: 'step',
      step,
      steps: job.steps,
      loss: taken.loss,
      smoothedLoss,
      stepMs,
      remainingMs: stepMs * (job.steps - step),
      forwardPasses: cost.features + step * cost.step,
      ...dependencies.measureMemory(),
    }
  }
}

/** One step: probe, update, journal, move. */
async function takeStep(
  { job, scorer, parameters, batchAt, history, rule }: TrainDependencies,
  step: number,
  state: RuleState,
): Promise<{ loss: number; state: RuleState }> {
  const seed = deriveSeed(job.seed, step)
  const { perturbationScale } = job.recipe
  const probe = { seed, epsilon: perturbationScale }
  const measured = await estimateTwoPoint(scorer, batchAt(step), parameters, probe)
  const losses = [...measured.lossPlus, ...measured.lossMinus]
  if (!losses.every(Number.isFinite)) {
    throw new EngineError(
      'loss-not-finite',
      { step },
      `a loss is not finite at step ${step}; try a smaller learning rate`,
    )
  }
  const result = rule(measured, state, { step, steps: job.steps, perturbationScale })
  history.appendStep({
    step,
    seed,
    plus: [...measured.lossPlus],
    minus: [...measured.lossMinus],
    move: [...result.coefficients],
  })
  parameters.move(seed, result.coefficients)
  return { loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length, state: result.state }
}

async function* evaluateState(
  { scorer, parameters, dev, history, cost }: TrainDependencies,
  step: number,
): AsyncGenerator<TrainEvent> {
  const evaluation = evaluate(scorer, dev, parameters.overrides(null), step)
  let next = await evaluation.next()
  for (; next.done !== true; next = await evaluation.next()) yield { type: 'evaluating', step, ...next.value }
  const { figures, scores } = next.value
  const losses = scores.map(({ loss }) => loss)
  const isBest = history.recordEvaluation({ step, ...figures }, losses, () => parameters.save())
  yield { type: 'evaluation', step, ...figures, isBest, forwardPasses: cost.features + step * cost.step }
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
    forwardPasses: cost.features + step * cost.step,
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
