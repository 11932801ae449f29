import { performance } from 'node:perf_hooks'
import type { LoadedDataset } from '../data/load-dataset.js'
import { lengthOf } from '../data/stored-example.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { openScorer } from '../engine/open-scorer.js'
import { scoredRows } from '../engine/scored-row.js'
import type { Device } from '../runtime/device.js'

/** How long one forward pass over the training rows takes, from a few of them. */
export interface MeasuredPass {
  readonly measuredRows: number
  readonly measuredMs: number
  /** Of all rows, by their tokens. */
  readonly totalMs: number
}

const measuredRows = 16

/**
 * Scores rows of middle length twice (the first time also builds what all share) and scales the second time to all tokens. A step
 * of forward passes costs about two such passes of its batch, one with exact gradients about three.
 */
export async function measurePass(
  device: Device,
  model: LoadedModel,
  { dataset }: LoadedDataset,
): Promise<MeasuredPass> {
  const { examples, objective } = dataset
  const middle = Math.max(0, Math.floor((examples.length - measuredRows) / 2))
  const sample = examples
    .toSorted((left, right) => lengthOf(left) - lengthOf(right))
    .slice(middle, middle + measuredRows)
  const tokensOf = (some: typeof examples): number =>
    some.reduce((sum, example) => {
      return scoredRows(example, objective).reduce((of, { tokens }) => of + tokens.length, sum)
    }, 0)
  const opened = openScorer(device, model, objective)
  try {
    await opened.scorer.score(sample, () => null)
    const start = performance.now()
    await opened.scorer.score(sample, () => null)
    const measuredMs = performance.now() - start
    return {
      measuredRows: sample.length,
      measuredMs,
      totalMs: (measuredMs * tokensOf(examples)) / tokensOf(sample),
    }
  } finally {
    await opened.close()
  }
}
