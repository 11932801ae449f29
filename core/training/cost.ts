import type { Example } from '../data/example.js'
import { lengthOf } from '../data/stored-example.js'
import { passesOfStep } from './estimate.js'
import type { TrainJob } from '../schema/job.js'
import { isWritten } from '../schema/score.js'
import { keptTokensPerStep } from './kept-text.js'

/** The cost of a run, in forward passes of the whole model over one batch. */
export interface Cost {
  /** Of probing layers, filling the feature cache and asking the base about pairs, once. */
  readonly features: number
  readonly step: number
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
  const below = written > 1 ? 0 : job.recipe.firstLayer / layerCount
  const passes = job.recipe.estimator === 'probes' ? written * passesOfStep(job.recipe) : 1 + backwardShare
  const batches = trainExamples.length / job.batchSize
  // Kept text runs forward once more, for the base; its size is told by its tokens.
  const batchTokens = trainExamples.reduce((sum, example) => sum + lengthOf(example), 0) / batches
  const ofText =
    job.keepBase === null ? 0 : (keptTokensPerStep / batchTokens) * (1 + (1 + passes) * (1 - below))
  const step = passes * (1 - below) + ofText
  const isDirect = job.features === 'direct'
  // Pairs run through the layers above the features once more, for the base.
  const ofBase = job.task.kind === 'preference' ? batches * (isDirect ? 1 : 1 - below) : 0
  const once = ofBase + (job.layerChoice?.forwardPasses ?? 0)
  if (isDirect) return { features: once, step: step + below }
  return { features: batches * below + once, step }
}
