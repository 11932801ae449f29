import { getHeapStatistics } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { GarbageWatch } from '../../../core/memory/garbage-watch.js'

const heapBytes = () => getHeapStatistics().used_heap_size

/** Leaves objects behind that are as large as the heap that there is. Returns how large it was with them. */
function litter(): number {
  const before = heapBytes()
  const rubbish: unknown[] = []
  while (heapBytes() < 2 * before) rubbish.push(Array.from({ length: 1000 }, (_, index) => ({ index })))
  return heapBytes()
}

describe('a watch on garbage', () => {
  it('collects once the heap has grown by its share', () => {
    const watch = new GarbageWatch()
    const littered = litter()
    watch.look()
    expect(heapBytes()).toBeLessThan(0.75 * littered)
  })
})
