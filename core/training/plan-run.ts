import type { OpenModel } from '../engine/open-model.js'
import { hasSingleTokenLabels, longestRow } from '../engine/scored-row.js'
import { defaultTokensPerRun } from '../engine/scorer.js'
import { planMemory, type MemoryDemand } from '../memory/plan.js'
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
  const rows = rowsOf(data)
  const plans: RunPlan[] = []
  for (const { recipe, reason } of candidates(choices, data)) {
    const exactBytes = plans.at(0)?.memory.totalBytes
    const because: PlanReason = exactBytes === undefined ? reason : { kind: 'exact-too-large', exactBytes }
    const longestRun = planJob({ ...choices, recipe, tokensPerRun: defaultTokensPerRun }, model, data)
    const trainedNumbers = createParameters(longestRun.recipe, model.model).count
    for (const tokensPerRun of runLengths(rows.longestSequence)) {
      const job = { ...longestRun, tokensPerRun }
      const plan = {
        job,
        memory: memoryOf(job, model, trainedNumbers, rows),
        reason: because,
        trainedNumbers,
      }
      if (plan.memory.totalBytes <= choices.budgetBytes) return plan
      plans.push(plan)
    }
  }
  const smallest = Math.min(...plans.map(({ memory }) => memory.totalBytes))
  const details = { requiredBytes: smallest, availableBytes: choices.budgetBytes }
  const message = `this needs ${megabytes(smallest)} at least, and the budget is ${megabytes(choices.budgetBytes)}: raise --budget, leave out the longest rows, or take a smaller model`
  throw new EngineError('memory-budget-exceeded', details, message)
}

/** What a plan depends on of the rows. */
type RowDemand = Pick<MemoryDemand, 'longestSequence' | 'scoresVocabulary' | 'dataTokens' | 'dataRows'>

function rowsOf({ train, dev, kept }: RunData): RowDemand {
  const examples = [...train.dataset.examples, ...dev.dataset.examples]
  const { objective } = train.dataset
  const all = [...examples, ...(kept?.examples ?? [])]
  return {
    longestSequence: Math.max(
      longestRow({ examples, objective }),
      ...(kept?.examples ?? []).map(({ tokens }) => tokens.length),
    ),
    scoresVocabulary: kept !== null || !hasSingleTokenLabels(objective),
    dataTokens: all.reduce((sum, { tokens }) => sum + tokens.length, 0),
    dataRows: all.length,
  }
}

/** What a job will hold at its peak. */
function memoryOf(
  { recipe, tokensPerRun }: TrainJob,
  { model }: OpenModel,
  trainedNumbers: number,
  rows: RowDemand,
): MemoryPlan {
  const perNumber = recipe.estimator === 'gradients' ? exactBytesPerNumber : probeBytesPerNumber
  return planMemory(model, {
    ...rows,
    estimator: recipe.estimator,
    firstLayer: recipe.firstLayer,
    stateBytes: trainedNumbers * perNumber,
    tokensPerRun: Math.max(tokensPerRun, rows.longestSequence),
  })
}

/** Value, gradient, factor and two moments; and for probes the whole number, its exponential and those at the probes. */
const exactBytesPerNumber = 20
const probeBytesPerNumber = 28

function candidates(
  { recipe, perturbationScale }: RunChoices,
  { kept }: RunData,
): { recipe: RecipeName; reason: PlanReason }[] {
  if (recipe !== 'auto') return [{ recipe, reason: { kind: 'chosen-by-person' } }]
  const forwardOnly = { recipe: 'qzo-rows', reason: { kind: 'asks-for-probes' } } as const
  if (perturbationScale !== undefined) return [forwardOnly]
  const exact = { recipe: 'exact-rows', reason: { kind: 'exact-fits' } } as const
  return kept === null ? [exact, forwardOnly] : [exact]
}

/** Tokens of a run to try, from the fastest down to the longest row alone. */
function runLengths(longest: number): number[] {
  const lengths = []
  for (let tokens = defaultTokensPerRun; tokens > longest && tokens >= 64; tokens /= 2) lengths.push(tokens)
  return lengths.length > 0 ? lengths : [defaultTokensPerRun]
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
