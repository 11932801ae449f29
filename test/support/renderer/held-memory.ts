import type { CDPSession } from 'playwright-core'

/** What something held when a run had taken so many steps. */
export interface MemorySample {
  readonly step: number
  readonly bytes: number
}

/** Bytes that a page's scripts hold: what is left when collecting again frees nothing more. */
export async function pageBytes(tools: CDPSession): Promise<number> {
  let least = Infinity
  for (;;) {
    // What is finalized in one collection is freed in the next.
    await tools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await tools.send('Runtime.getHeapUsage')
    if (usedSize >= least) return least
    least = usedSize
  }
}

/** Fewest samples of a quarter that say something about it. */
const fewestSamples = 3

/**
 * Median of the last quarter of `steps` steps, as a share of that of the first.
 *
 * @throws where a quarter has too few samples
 */
export function growthOver(steps: number, samples: readonly MemorySample[]): number {
  const [first, last] = [0, 0.75 * steps].map((from) => {
    const bytes = samples
      .filter(({ step }) => step > from && step <= from + 0.25 * steps)
      .map((sample) => sample.bytes)
      .toSorted((left, right) => left - right)
    if (bytes.length < fewestSamples) throw new Error(`${bytes.length} samples of the quarter from ${from}`)
    return bytes[Math.floor(bytes.length / 2)]
  })
  return last / first
}
