import type { OpenGraphModel } from '../engine/open-graph-model.js'
import { planGraphMemory } from '../memory/graph-plan.js'
import { EngineError } from '../schema/engine-error.js'
import type { Recipe } from '../schema/recipe.js'
import { requestIssue } from '../schema/request-issues.js'
import { isWritten } from '../schema/score.js'
import type { RunData } from './open-data.js'
import { planJob } from './plan-job.js'
import type { PlanWay } from './plan-ways.js'
import { megabytes } from './megabytes.js'
import { runLengths, type PlanReason, type RunChoices, type RunPlan } from './plan-run.js'
import { createParameters } from './recipes.js'
import { bytesPerPosition, refuseLongerThanContext, rowDemand } from './row-demand.js'
import { trainedSize } from './trained-size.js'

/** Why a plan by a model's own graph is what it is. */
export type GraphPlanReason = PlanReason | { readonly kind: 'runs-by-graph' }

/** What `auto` takes for a model that runs by its own graph: block scales, with forward passes only. */
export const graphRecipe = 'qzo'

/**
 * The job of a model that runs by its own graph: the longest runs of the graph that fit the budget.
 *
 * @throws EngineError 'memory-budget-exceeded', 'model-untrainable'; 'request-invalid' for what only blocks have
 */
export function planGraphRun(
  choices: RunChoices,
  open: OpenGraphModel,
  data: RunData,
): RunPlan<GraphPlanReason> {
  const plans = graphPlans(choices, open, data)
  const found = plans.find(({ memory }) => memory.totalBytes <= choices.budgetBytes)
  if (found !== undefined) return found
  const requiredBytes = plans[plans.length - 1].memory.totalBytes
  throw new EngineError(
    'memory-budget-exceeded',
    { requiredBytes, availableBytes: choices.budgetBytes },
    `this needs ${megabytes(requiredBytes)} at least, and the budget is ${megabytes(choices.budgetBytes)}: raise --budget, or leave out the longest rows`,
  )
}

/** As `planWays`: runs as long as they should be, and shorter ones. Throws as `planGraphRun`. */
export function planGraphWays(choices: RunChoices, open: OpenGraphModel, data: RunData): PlanWay[] {
  const [first, ...shorter] = graphPlans(choices, open, data).map(({ job, memory }) => ({
    ...{ job, memory },
    fits: memory.totalBytes <= choices.budgetBytes,
    readBytesPerStep: 0,
  }))
  const other = shorter.find(({ fits }) => fits) ?? shorter.at(-1)
  return [
    { kind: 'as-asked', ...first },
    ...(other === undefined ? [] : [{ kind: 'shorter-runs' as const, ...other }]),
  ]
}

/** Plans with ever shorter runs of the graph. */
function graphPlans(choices: RunChoices, open: OpenGraphModel, data: RunData): RunPlan<GraphPlanReason>[] {
  const isAuto = choices.recipe === 'auto'
  const recipe = choices.recipe === 'auto' ? graphRecipe : choices.recipe
  const rows = rowDemand(data)
  const lengths = runLengths(rows.longestSequence)
  const longest = planJob({ ...choices, recipe, tokensPerRun: lengths[0] }, open, data)
  createParameters(longest.recipe, open.model)
  refuseChoices(choices, longest.recipe)
  refuseLongerThanContext(rows.longestSequence, open.model)
  const trained = trainedSize(longest.recipe, open.model, longest.batchSize)
  const bytesPerToken = bytesPerPosition(data)
  return lengths.map((tokensPerRun) => {
    const tokens = Math.max(tokensPerRun, rows.largestExample)
    const memory = planGraphMemory(open.model, {
      ...{ tokens, dataTokens: rows.dataTokens, dataRows: rows.dataRows },
      ...{ stateBytes: trained.bytes, trainedNumbers: trained.numbers },
      scoredTokens: Math.ceil(tokens * rows.scoredShare),
      rowBytes: tokens * bytesPerToken,
    })
    const reason = { kind: isAuto ? ('runs-by-graph' as const) : ('chosen-by-person' as const) }
    return { job: { ...longest, tokensPerRun }, memory, reason, trainedNumbers: trained.numbers }
  })
}

/** @throws EngineError 'request-invalid' for what a graph has no layers for, or cannot write */
function refuseChoices({ layers, features, score, precision }: RunChoices, recipe: Recipe): void {
  const isOfLayers = layers === 'auto' || features === 'cached' || precision === 'float16'
  const isOfSome =
    recipe.estimator === 'probes' &&
    (recipe.layerShare < 1 || recipe.magnitudes !== null || recipe.freezes !== undefined)
  if (isOfLayers || isOfSome || isWritten(score ?? null)) throw requestIssue('choice-of-graph')
}
