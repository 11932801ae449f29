import { getHeapStatistics } from 'node:v8'
import { releaseGarbage } from './release-garbage.js'

/** Bytes, and share of the heap, that may be added before it is worth a collection: one costs about 1 ms a megabyte held. */
const leastGrowth = 4 * 2 ** 20
const growthShare = 0.25

/**
 * Collects garbage as soon as the heap has grown. V8 waits until a heap of tens of megabytes has doubled, and training is
 * never idle, so for thousands of steps memory would rise as if something were kept.
 */
export class GarbageWatch {
  #heapBytes = getHeapStatistics().used_heap_size

  /** Looks at the heap, which takes microseconds, and collects where it has grown. */
  look(): void {
    const growth = getHeapStatistics().used_heap_size - this.#heapBytes
    if (growth < Math.max(leastGrowth, growthShare * this.#heapBytes)) return
    releaseGarbage()
    this.#heapBytes = getHeapStatistics().used_heap_size
  }
}
