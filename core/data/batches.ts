import { deriveSeed, hashName } from '../random/derive-seed.js'
import { shuffledIndices } from '../random/shuffle.js'
import type { TensorExample } from './example.js'
import { lengthOf } from './stored-example.js'

const purpose = hashName('batches')

/** Anything that is padded to the longest of its batch, or runs with others of its size. */
type Sequence = { readonly tokens: Int32Array } | Pick<TensorExample, 'positions'>

/** The batches of a run. */
export interface TrainingBatches<E> {
  readonly batchesPerEpoch: number
  /** The batch for a step, from 0. A pure function of the examples, the batch size, the seed and the step. */
  at(step: number): readonly E[]
}

/**
 * Batches of sequences of similar length, in a seeded order; every epoch shows each example once.
 *
 * An epoch sorts the examples by length (equal lengths in a seeded order), cuts them into batches and shuffles these. So
 * padding is at most (size − 1) · (longest − shortest) tokens an epoch, whatever the data. Where the examples do not fill the
 * last batch, the short batch stands at a seeded place, which moves the cuts from epoch to epoch.
 *
 * @param size examples of a batch
 */
export function trainingBatches<E extends Sequence>(
  examples: readonly E[],
  size: number,
  seed: number,
): TrainingBatches<E> {
  const batchesPerEpoch = Math.ceil(examples.length / size)
  const shortBy = batchesPerEpoch * size - examples.length
  // The order of the epoch asked for last, as a run asks for its batches one after the other.
  let latest = orderEpoch(examples, batchesPerEpoch, seed, 0)
  return {
    batchesPerEpoch,
    at(step) {
      const epoch = Math.floor(step / batchesPerEpoch)
      if (latest.epoch !== epoch) latest = orderEpoch(examples, batchesPerEpoch, seed, epoch)
      const batch = latest.batchOrder[step - epoch * batchesPerEpoch]
      const start = batch * size - (batch > latest.shortBatch ? shortBy : 0)
      const length = batch === latest.shortBatch ? size - shortBy : size
      return Array.from(latest.byLength.subarray(start, start + length), (index) => examples[index])
    },
  }
}

/** Batches in order of length, the same every time: for evaluation. */
export function evaluationBatches<E extends Sequence>(
  examples: readonly E[],
  size: number,
): readonly (readonly E[])[] {
  const sorted = sortByLength(Uint32Array.from(examples.keys()), examples)
  return Array.from({ length: Math.ceil(examples.length / size) }, (_, batch) =>
    Array.from(sorted.subarray(batch * size, (batch + 1) * size), (index) => examples[index]),
  )
}

interface EpochOrder {
  readonly epoch: number
  /** Indices of examples. */
  readonly byLength: Uint32Array
  readonly batchOrder: Uint32Array
  /** The batch that may be short, by its place in `byLength`. */
  readonly shortBatch: number
}

function orderEpoch(
  examples: readonly Sequence[],
  batchCount: number,
  seed: number,
  epoch: number,
): EpochOrder {
  const mixed = shuffledIndices(examples.length, deriveSeed(seed, purpose, epoch, 0))
  return {
    epoch,
    byLength: sortByLength(mixed, examples),
    batchOrder: shuffledIndices(batchCount, deriveSeed(seed, purpose, epoch, 1)),
    shortBatch: Math.floor((deriveSeed(seed, purpose, epoch, 2) / 0x100000000) * batchCount),
  }
}

/** Counting sort: stable, and linear in the number of examples. */
function sortByLength(order: Uint32Array, examples: readonly Sequence[]): Uint32Array {
  const lengths = Uint32Array.from(examples, lengthOf)
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0)
  const starts = new Uint32Array(longest + 2)
  for (const length of lengths) starts[length + 1]++
  for (let length = 1; length < starts.length; length++) starts[length] += starts[length - 1]
  const sorted = new Uint32Array(order.length)
  for (const index of order) sorted[starts[lengths[index]]++] = index
  return sorted
}
