import type { OpenModel } from '../engine/open-model.js'
import { longestRow } from '../engine/scored-row.js'
import type { TrainJob } from '../schema/job.js'
import type { MemoryPlan } from '../schema/memory-plan.js'
import type { RunData } from './open-data.js'
import {
  exactByDefault,
  forwardOnly,
  plansFor,
  type ChosenRecipe,
  type RunChoices,
  type RunPlan,
} from './plan-run.js'
import { asksForGradients } from './resolve-update.js'
import { promptLength } from './row-demand.js'
import { streamedBytesPerStep } from './streamed-layers.js'

/** What a way to hold less memory gives up. */
export type WayKind = 'as-asked' | 'shorter-runs' | 'streamed-layers' | 'fewer-layers' | 'forward-only'

/** A way to run what was asked for, or less of it. */
export interface PlanWay {
  readonly kind: WayKind
  readonly job: TrainJob
  readonly memory: MemoryPlan
  readonly fits: boolean
  /** What a step reads from the model's file again, at most. */
  readonly readBytesPerStep: number
}

/**
 * The ways to hold less, in order of what they cost: shorter runs of a block, layers read from the file each time, fewer
 * trained layers, forward passes only. Each is the first of its kind that fits, or else the smallest.
 *
 * @throws EngineError 'request-invalid'
 */
export function planWays(choices: RunChoices, model: OpenModel, data: RunData): PlanWay[] {
  const recipe = choices.recipe === 'auto' ? exactByDefault : choices.recipe
  const runs = asked({ ...choices, recipe }, model, data)
  const isStreamed = ({ job }: RunPlan): boolean => job.streamedLayers > 0
  const kept = runs.filter((run) => !isStreamed(run))
  const ways: [WayKind, readonly RunPlan[]][] = [
    ['as-asked', kept.slice(0, 1)],
    ['shorter-runs', kept.slice(1)],
    ['streamed-layers', runs.filter(isStreamed)],
    ['fewer-layers', upperHalf({ ...choices, recipe }, model, data, kept[0].job)],
    ['forward-only', withoutGradients(choices, model, data)],
  ]
  const tokens = longestRow(data.train.dataset)
  const askedBytes = kept[0].memory.totalBytes
  return ways.flatMap(([kind, all]): PlanWay[] => {
    // Reading a layer needs room of its own, so that a few of them may save nothing.
    const found = kind === 'as-asked' ? all : all.filter(({ memory }) => memory.totalBytes < askedBytes)
    if (found.length === 0) return []
    const { job, memory } =
      found.find((run) => run.memory.totalBytes <= choices.budgetBytes) ?? smallest(found)
    const fits = memory.totalBytes <= choices.budgetBytes
    return [{ kind, job, memory, fits, readBytesPerStep: streamedBytesPerStep(job, model.model, tokens) }]
  })
}

/** The upper half of the layers that were to be trained. */
function upperHalf(choices: ChosenRecipe, model: OpenModel, data: RunData, { recipe }: TrainJob): RunPlan[] {
  const { firstLayer, endLayer } = recipe
  // A soft prompt enters the first layer, whatever else is trained.
  if (recipe.estimator === 'gradients' && promptLength(recipe) > 0) return []
  const middle = firstLayer + Math.ceil((endLayer - firstLayer) / 2)
  if (middle >= endLayer) return []
  return asked({ ...choices, layers: [middle, endLayer - 1] }, model, data)
}

function withoutGradients(choices: RunChoices, model: OpenModel, data: RunData): RunPlan[] {
  if (choices.recipe !== 'auto' || asksForGradients(choices)) return []
  return asked({ ...choices, recipe: forwardOnly }, model, data)
}

function asked(choices: ChosenRecipe, model: OpenModel, data: RunData): RunPlan[] {
  return plansFor(choices, { kind: 'chosen-by-person' }, model, data)
}

function smallest(runs: readonly RunPlan[]): RunPlan {
  return runs.reduce((least, run) => (run.memory.totalBytes < least.memory.totalBytes ? run : least))
}
