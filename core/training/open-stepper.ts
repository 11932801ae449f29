import { trainingBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import { GradientEngine } from '../engine/gradient-engine.js'
import { statesInFile, statesInMemory, type KeptStates } from '../engine/kept-states.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import type { TrainableModel } from '../engine/graph-model.js'
import type { ScorerOptions } from '../engine/scorer.js'
import { createTensorRule } from '../optimizer/create-tensor-rule.js'
import { LossScale } from '../optimizer/loss-scale.js'
import type { Device } from '../runtime/device.js'
import type { TrainJob } from '../schema/job.js'
import { requestIssue } from '../schema/request-issues.js'
import { GradientStepper } from './gradient-stepper.js'
import { ProbeStepper } from './probe-stepper.js'
import { createDifferentiatedParameters, createProbedParameters, ruleOf } from './recipes.js'
import type { RunFolder } from './run-folder.js'
import type { RunHistory } from './run-history.js'
import { toInitialState } from './initial-state.js'
import { keptBatches, type KeptText } from './kept-text.js'
import type { Stepper } from './stepper.js'

/** What a stepper is made of. */
export interface StepperParts {
  readonly job: TrainJob
  readonly folder: RunFolder
  readonly device: Device
  /** What the forward pass is made of. */
  readonly forward: ScorerOptions
  readonly scorer: ExampleScorer
  readonly trainExamples: readonly Example[]
  /** Other text, on which the model should stay as its base is. */
  readonly kept: KeptText | null
  readonly history: RunHistory
  readonly now: () => number
}

/** What two devices may differ by in a loss, in parts of it: more than rounding ever gave, less than a mistake would. */
const otherDeviceTolerance = { float32: 1e-3, float16: 2e-2 }

/** What a stepper by forward passes is made of, for a model of either kind. */
export interface ProbeStepperParts extends Pick<
  StepperParts,
  'job' | 'folder' | 'scorer' | 'trainExamples' | 'history'
> {
  readonly model: TrainableModel
}

/**
 * The stepper of a job's recipe by forward passes, its parameters at their initial state.
 *
 * @throws EngineError 'request-invalid' where the recipe follows gradients
 */
export function openProbeStepper(parts: ProbeStepperParts): Stepper {
  const { job, folder, model, scorer, history } = parts
  const { recipe, seed } = job
  if (recipe.estimator !== 'probes') throw requestIssue('recipe-of-graph', { recipe: recipe.name })
  const parameters = toInitialState(createProbedParameters(recipe, model), folder, job)
  return new ProbeStepper({
    ...stepsOf(parts),
    history,
    recipe,
    seed,
    scorer,
    parameters,
    rule: ruleOf(recipe),
  })
}

function stepsOf({ job, trainExamples }: Pick<StepperParts, 'job' | 'trainExamples'>) {
  const batches = trainingBatches(trainExamples, job.batchSize, job.seed)
  return { steps: job.steps, batchAt: (step: number) => batches.at(step) }
}

/** The stepper of a job's recipe, its parameters at their initial state. */
export function openStepper(parts: StepperParts): Stepper {
  const { job, folder, device, forward, kept, history, now } = parts
  const { recipe, seed } = job
  if (recipe.estimator === 'probes') return openProbeStepper({ ...parts, model: forward.model })
  const parameters = toInitialState(createDifferentiatedParameters(recipe, forward.model), folder, job)
  const keptOf = kept === null ? null : keptBatches(kept, seed)
  return new GradientStepper({
    ...stepsOf(parts),
    history,
    recipe,
    seed,
    keepBase:
      keptOf === null || job.keepBase === null
        ? null
        : { weight: job.keepBase.weight, batchAt: (step) => keptOf.at(step) },
    source: new GradientEngine({ ...forward, device, ...keptStates(parts) }),
    parameters,
    rules: parameters.tensors.map((tensor) => createTensorRule(recipe.update, tensor, seed)),
    lossScale: job.precision === 'float16' ? new LossScale() : null,
    checkpointPath: folder.checkpointPath,
    tolerance: device.name === job.device ? 0 : otherDeviceTolerance[job.precision],
    now,
  })
}

/** Where a job keeps what enters blocks, if not exactly in a device's own memory. @throws EngineError 'file-unwritable' */
function keptStates({ job, folder, forward, device }: StepperParts): { kept?: KeptStates } {
  if (job.keptStates === 'file') return { kept: statesInFile(folder.statesPath) }
  if (job.keptStates === 'float32' && device.hasMemory) return {}
  return { kept: statesInMemory(job.keptStates, job.tokensPerRun * forward.model.description.width) }
}
