import type { TrainJob } from '../schema/job.js'

/** The cost of a run, in forward passes of the whole model over one batch. */
export interface Cost {
  /** Of filling the feature cache, once. */
  readonly features: number
  readonly step: number
}

/**
 * What a job costs: the layers from the first trained one run twice a step (plus and minus), those below once (or once for
 * each training example where they are cached). Evaluations are not counted.
 */
export function costOf(job: TrainJob, layerCount: number, trainExamples: number): Cost {
  const below = job.recipe.firstLayer / layerCount
  const above = 1 - below
  if (job.features === 'direct') return { features: 0, step: 2 * above + below }
  return { features: (trainExamples / job.batchSize) * below, step: 2 * above }
}
