import { cacheNames } from '../graph/whole-model-graph.js'
import type { ModelDescription } from '../model/description.js'
import type { Tensors } from '../runtime/device.js'
import { float32Tensor } from './matrix-tensors.js'

/** Positions that buffers grow by. Attention takes time for all of them, filled or not. */
const growth = 128

/** What decides the size of a cache. */
export type CacheSizes = Pick<ModelDescription, 'layerCount' | 'kvHeadCount' | 'headWidth' | 'contextLength'>

/** Keys or values of one layer, shape [1, kvHeads, capacity, headWidth], and what a graph calls them. */
interface CacheBuffer {
  readonly pastName: string
  readonly presentName: string
  data: Float32Array
}

/**
 * Keys and values of one text for a graph that keeps all of them. The same memory goes in as the past and comes out as the
 * present, so that a run writes only its new positions.
 */
export class SharedCache {
  readonly #sizes: CacheSizes
  readonly #buffers: readonly CacheBuffer[]
  #capacity = 0
  #length = 0

  constructor(sizes: CacheSizes) {
    this.#sizes = sizes
    this.#buffers = Array.from({ length: sizes.layerCount }, (_, layer): CacheBuffer[] => {
      const { pastKeys, pastValues, keys, values } = cacheNames(layer)
      return [
        { pastName: pastKeys, presentName: keys, data: new Float32Array(0) },
        { pastName: pastValues, presentName: values, data: new Float32Array(0) },
      ]
    }).flat()
  }

  /** Positions that are filled. */
  get length(): number {
    return this.#length
  }

  /** The inputs and outputs of a run over `count` further positions. */
  tensors(count: number): { past: Tensors; present: Tensors } {
    this.#reserve(this.#length + count)
    const shape = [1, this.#sizes.kvHeadCount, this.#capacity, this.#sizes.headWidth]
    const byName = (side: 'pastName' | 'presentName'): Tensors =>
      Object.fromEntries(this.#buffers.map((buffer) => [buffer[side], float32Tensor(buffer.data, shape)]))
    return { past: byName('pastName'), present: byName('presentName') }
  }

  /** Counts `count` positions that a run has written. */
  advance(count: number): void {
    this.#length += count
  }

  /** Forgets every position and keeps the memory. */
  clear(): void {
    this.#length = 0
  }

  #reserve(positions: number): void {
    if (positions <= this.#capacity) return
    const { contextLength, kvHeadCount, headWidth } = this.#sizes
    const capacity = Math.max(positions, Math.min(contextLength, Math.ceil(positions / growth) * growth))
    for (const buffer of this.#buffers) {
      const grown = new Float32Array(kvHeadCount * capacity * headWidth)
      for (let head = 0; head < kvHeadCount; head++) {
        const start = head * this.#capacity * headWidth
        const filled = buffer.data.subarray(start, start + this.#length * headWidth)
        grown.set(filled, head * capacity * headWidth)
      }
      buffer.data = grown
    }
    this.#capacity = capacity
  }
}
