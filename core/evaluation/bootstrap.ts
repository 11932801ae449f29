import { fillPhilox } from '../random/philox.js'

const rounds = 2000

/** Difference of two means over the same rows. */
export interface PairedDifference {
  readonly mean: number
  /** 95 % of the resampled means lie between these; null where there are too few rows to say. */
  readonly low: number | null
  readonly high: number | null
  /** False where the interval holds 0, or nothing can be said: then no difference was measured. */
  readonly isMeasurable: boolean
}

/** Fewer rows say nothing. */
const fewestRows = 4

/**
 * Paired bootstrap: draws rows with replacement, each with both sides' values, and looks where the mean difference falls.
 *
 * Source: Efron 1979; Koehn 2004 on comparing two systems so.
 *
 * @param differences second − first, a row
 * @param seed so that equal differences give equal intervals
 */
export function pairedBootstrap(differences: readonly number[], seed: number): PairedDifference {
  const n = differences.length
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / n
  if (n < fewestRows) return { mean, low: null, high: null, isMeasurable: false }
  const words = new Uint32Array(n)
  const means = Float64Array.from({ length: rounds }, (_, round) => {
    fillPhilox(words, [seed, 1], [0, round, 0, 0])
    let sum = 0
    for (const word of words) sum += differences[Math.floor((word / 0x100000000) * n)]
    return sum / n
  }).sort()
  const [low, high] = [means[Math.floor(0.025 * rounds)], means[Math.ceil(0.975 * rounds) - 1]]
  return { mean, low, high, isMeasurable: low > 0 || high < 0 }
}
