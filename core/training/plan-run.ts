import type { OpenModel } from '../engine/open-model.js'
import { scoredRows } from '../engine/scored-row.js'
import { defaultTokensPerRun } from '../engine/scorer.js'
import { planMemory } from '../memory/plan.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import type { MemoryPlan } from '../schema/memory-plan.js'
import type { RecipeName } from '../schema/recipe.js'
import type { RunData } from './open-data.js'
import { planJob, type JobChoices } from './plan-job.js'
import { createParameters } from './recipes.js'

/** What a person may choose of a run. */
export interface RunChoices extends Omit<JobChoices, 'recipe' | 'tokensPerRun' | 'budgetBytes'> {
  /** `auto`: exact gradients where they fit the budget, forward passes only where they do not. */
  readonly recipe: RecipeName | 'auto'
  /** The most memory the process may hold. */
  readonly budgetBytes: number
}

/** A job that fits its budget, with what it will hold and why it is this one. */
export interface RunPlan {
  readonly job: TrainJob
  readonly memory: MemoryPlan
  readonly reason: PlanReason
  readonly trainedNumbers: number
}

/** Why a plan is what it is; hosts say it in their own words. */
export type PlanReason =
  | { readonly kind: 'chosen-by-person' }
  | { readonly kind: 'exact-fits' }
  | { readonly kind: 'exact-too-large'; readonly exactBytes: number }
  | { readonly kind: 'asks-for-probes' }

/**
 * The best job for a budget: exact gradients before forward passes only, and the longest runs of a block before shorter
 * ones, which cost some speed.
 *
 * @throws EngineError 'memory-budget-exceeded' where nothing fits, with the smallest plan; 'request-invalid'
 */
export function planRun(choices: RunChoices, model: OpenModel, data: RunData): RunPlan {
  const longest = longestSequence(data)
  const plans = candidates(choices).map(({ recipe, reason }) => {
    const jobs = runLengths(longest).map((tokensPerRun) =>
      planJob({ ...choices, recipe, tokensPerRun }, model, data),
    )
    return { reason, runs: jobs.map((job) => ({ job, memory: memoryOf(job, model, data, longest) })) }
  })
  for (const [index, { reason, runs }] of plans.entries()) {
    const fitting = runs.find(({ memory }) => memory.totalBytes <= choices.budgetBytes)
    if (fitting === undefined) continue
    const tooLarge = plans[0].runs[0].memory.totalBytes
    return {
      ...fitting,
      reason: index === 0 ? reason : { kind: 'exact-too-large', exactBytes: tooLarge },
      trainedNumbers: createParameters(fitting.job.recipe, model.model).count,
    }
  }
  const smallest = Math.min(...plans.flatMap(({ runs }) => runs.map(({ memory }) => memory.totalBytes)))
  const details = { requiredBytes: smallest, availableBytes: choices.budgetBytes }
  const message = `this needs ${megabytes(smallest)} at least, and the budget is ${megabytes(choices.budgetBytes)}: raise --budget, leave out the longest rows, or take a smaller model`
  throw new EngineError('memory-budget-exceeded', details, message)
}

/** What a job will hold at its peak. */
export function memoryOf(job: TrainJob, { model }: OpenModel, data: RunData, longest: number): MemoryPlan {
  const { recipe } = job
  const { objective } = data.train.dataset
  const examples = [...data.train.dataset.examples, ...data.dev.dataset.examples]
  const perNumber = recipe.estimator === 'gradients' ? exactBytesPerNumber : probeBytesPerNumber
  return planMemory(model, {
    estimator: recipe.estimator,
    firstLayer: recipe.firstLayer,
    stateBytes: createParameters(recipe, model).count * perNumber,
    tokensPerRun: Math.max(job.tokensPerRun, longest),
    longestSequence: longest,
    scoresVocabulary:
      objective.kind !== 'labels' || objective.options.some(({ tokens }) => tokens.length > 1),
    dataTokens: examples.reduce((sum, { tokens }) => sum + tokens.length, 0),
    dataRows: examples.length,
  })
}

/** Value, gradient, factor and two moments; and for probes the whole number, its exponential and those at the probes. */
const exactBytesPerNumber = 20
const probeBytesPerNumber = 28

function candidates({ recipe, perturbationScale }: RunChoices): { recipe: RecipeName; reason: PlanReason }[] {
  if (recipe !== 'auto') return [{ recipe, reason: { kind: 'chosen-by-person' } }]
  const forwardOnly = { recipe: 'qzo-rows', reason: { kind: 'asks-for-probes' } } as const
  if (perturbationScale !== undefined) return [forwardOnly]
  return [{ recipe: 'exact-rows', reason: { kind: 'exact-fits' } }, forwardOnly]
}

/** Tokens of a run to try, from the fastest down to the longest row alone. */
function runLengths(longest: number): number[] {
  const lengths = []
  for (let tokens = defaultTokensPerRun; tokens > longest && tokens >= 64; tokens /= 2) lengths.push(tokens)
  return lengths.length > 0 ? lengths : [defaultTokensPerRun]
}

function longestSequence({ train, dev }: RunData): number {
  const { objective } = train.dataset
  let longest = 0
  for (const example of [...train.dataset.examples, ...dev.dataset.examples]) {
    for (const { tokens } of scoredRows(example, objective)) longest = Math.max(longest, tokens.length)
  }
  return longest
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
