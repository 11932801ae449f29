import type { Example } from '../data/example.js'
import { lengthOf } from '../data/stored-example.js'
import { passesOfStep } from './estimate.js'
import type { TrainJob } from '../schema/job.js'
import { isWritten } from '../schema/score.js'
import { freezesOf } from './moving-layers.js'
import { keptTokensPerStep } from './kept-text.js'

/** The cost of a run, in forward passes of the whole model over one batch. */
export interface Cost {
  /** Of probing layers, filling the feature cache and asking the base about pairs, once. */
  readonly features: number
  readonly step: number
  /** Once layers froze: what the new cache took, and a step from then on. */
  readonly later: readonly (Pick<Cost, 'features' | 'step'> & { readonly from: number })[]
}

/** What a run has cost after so many steps. */
export function passesUntil({ features, step: each, later }: Cost, step: number): number {
  const stages = [{ from: 0, features, step: each }, ...later].filter(({ from }) => from <= step)
  return stages.reduce((sum, stage, index) => {
    const end = stages[index + 1]?.from ?? step
    return sum + stage.features + (end - stage.from) * stage.step
  }, 0)
}

/** How much of a first step a step costs on average, caches that are made on the way counted in. */
export function meanStepShare({ step: each, later }: Cost, steps: number): number {
  return passesUntil({ features: 0, step: each, later }, steps) / (steps * each)
}

/**
 * Operations of a backward sweep through a layer in those of its forward pass: the forward recomputed, and the gradient of
 * its input.
 */
const backwardShare = 2

/**
 * What a job costs. By probes, the layers from the first trained one run once for each measured state, twice as a rule (plus and minus); by exact gradients,
 * once forward and once backward, and those above the last trained one as well; so does other text that the run keeps to its base on. The layers below run once a step, or once
 * for each training example where they are cached. Written answers take as many passes as tokens, at most. Evaluations are not
 * counted.
 */
export function costOf(job: TrainJob, layerCount: number, trainExamples: readonly Example[]): Cost {
  const written = isWritten(job.score) ? job.score.maxTokens : 1
  // What is written goes through all layers.
  const shareBelow = (layer: number): number => (written > 1 ? 0 : layer / layerCount)
  const below = shareBelow(job.recipe.firstLayer)
  const passes = job.recipe.estimator === 'probes' ? written * passesOfStep(job.recipe) : 1 + backwardShare
  const batches = trainExamples.length / job.batchSize
  // Kept text runs forward once more, for the base; its size is told by its tokens.
  const batchTokens = trainExamples.reduce((sum, example) => sum + lengthOf(example), 0) / batches
  const ofText =
    job.keepBase === null ? 0 : (keptTokensPerStep / batchTokens) * (1 + (1 + passes) * (1 - below))
  const isDirect = job.features === 'direct'
  const stepAbove = (share: number): number => passes * (1 - share) + ofText + (isDirect ? share : 0)
  const later = freezesOf(job.recipe).map(({ step: from, layer }, index, all) => {
    const share = shareBelow(layer)
    const before = shareBelow(all[index - 1]?.layer ?? job.recipe.firstLayer)
    return { from, features: isDirect ? 0 : batches * (share - before), step: stepAbove(share) }
  })
  // Pairs run through the layers above the features once more, for the base.
  const ofBase = job.task.kind === 'preference' ? batches * (isDirect ? 1 : 1 - below) : 0
  const once = ofBase + (job.layerChoice?.forwardPasses ?? 0)
  return { features: (isDirect ? 0 : batches * below) + once, step: stepAbove(below), later }
}
