import { isOpenGraph, type AnyOpenModel } from '../engine/open-graph-model.js'
import type { RunData } from './open-data.js'
import { planGraphRun, planGraphWays, type GraphPlanReason } from './plan-graph.js'
import { planRun, type RunChoices, type RunPlan } from './plan-run.js'
import { planWays, type PlanWay } from './plan-ways.js'

/** The best job for a budget, for a model of either kind. Throws as `planRun` and `planGraphRun`. */
export function planAnyRun(
  choices: RunChoices,
  model: AnyOpenModel,
  data: RunData,
): RunPlan<GraphPlanReason> {
  return isOpenGraph(model) ? planGraphRun(choices, model, data) : planRun(choices, model, data)
}

/** The ways to hold less, for a model of either kind. Throws as `planWays` and `planGraphRun`. */
export function planAnyWays(choices: RunChoices, model: AnyOpenModel, data: RunData): PlanWay[] {
  return isOpenGraph(model) ? planGraphWays(choices, model, data) : planWays(choices, model, data)
}
