import { cacheNames } from '../graph/whole-model-graph.js'
import type { Tensors } from '../runtime/device.js'
import { float32Tensor } from './matrix-tensors.js'
import type { CacheSizes } from './shared-cache.js'

/** Positions that buffers grow by. A run takes time for the whole capacity, so doubling would cost more than it saves. */
const growth = 128

/** One layer's keys or values, shape [1, kvHeads, capacity, headWidth]. */
interface CacheBuffer {
  readonly pastName: string
  readonly presentName: string
  data: Float32Array
}

/**
 * Keys and values of all earlier positions of one sequence, for graphs that give those of the new positions alone: the runtime
 * copies every output once, so that giving all of them would cost more than attention.
 */
export class KeyValueCache {
  readonly #sizes: CacheSizes
  /** By layer: keys and values. */
  readonly #layers: readonly (readonly CacheBuffer[])[]
  #capacity = 0
  #length = 0

  constructor(sizes: CacheSizes) {
    this.#sizes = sizes
    this.#layers = Array.from({ length: sizes.layerCount }, (_, layer) => {
      const { pastKeys, pastValues, keys, values } = cacheNames(layer)
      return [
        { pastName: pastKeys, presentName: keys, data: new Float32Array(0) },
        { pastName: pastValues, presentName: values, data: new Float32Array(0) },
      ]
    })
  }

  /** Positions that are filled. */
  get length(): number {
    return this.#length
  }

  /** Makes room for `count` further positions. */
  reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#capacity) return
    const capacity = Math.ceil(needed / growth) * growth
    for (const buffer of this.#layers.flat()) {
      const grown = this.#allocate(capacity)
      this.#copyHeads(buffer.data, this.#capacity, grown, capacity, 0)
      buffer.data = grown
    }
    this.#capacity = capacity
  }

  /** The inputs of layers `first` … `end` − 1. */
  past(first: number, end: number): Tensors {
    const shape = this.#shape(this.#capacity)
    const buffers = this.#layers.slice(first, end).flat()
    return Object.fromEntries(buffers.map(({ pastName, data }) => [pastName, float32Tensor(data, shape)]))
  }

  /** Outputs of layers `first` … `end` − 1 for `count` new positions. `append` takes them over. */
  newPositions(first: number, end: number, count: number): Tensors {
    const shape = this.#shape(count)
    const entries = this.#layers.slice(first, end).flat()
    return Object.fromEntries(
      entries.map(({ presentName }) => [presentName, float32Tensor(this.#allocate(count), shape)]),
    )
  }

  /** Appends positions that graphs have written to the `newPositions` of all layers. */
  append(positions: Tensors, count: number): void {
    for (const { presentName, data } of this.#layers.flat()) {
      const written = positions[presentName].data as Float32Array
      this.#copyHeads(written, count, data, this.#capacity, this.#length)
    }
    this.#length += count
  }

  /** Forgets every position and keeps the memory. */
  clear(): void {
    this.#length = 0
  }

  #shape(positions: number): number[] {
    return [1, this.#sizes.kvHeadCount, positions, this.#sizes.headWidth]
  }

  #allocate(positions: number): Float32Array {
    return new Float32Array(this.#sizes.kvHeadCount * positions * this.#sizes.headWidth)
  }

  /** Copies every head's positions `from` → `to`, `offset` positions later. */
  #copyHeads(
    from: Float32Array,
    fromPositions: number,
    to: Float32Array,
    toPositions: number,
    offset: number,
  ): void {
    const { kvHeadCount, headWidth } = this.#sizes
    const length = fromPositions * headWidth
    for (let head = 0; head < kvHeadCount; head++) {
      const part = from.subarray(head * length, (head + 1) * length)
      to.set(part, (head * toPositions + offset) * headWidth)
    }
  }
}
