import { pairedBootstrap, type PairedDifference } from './bootstrap.js'
import { mcnemarTest, permutationTest } from './paired.js'

/** A measure before and after training, over the same rows. */
export interface MetricChange extends PairedDifference {
  readonly metric: string
  readonly before: number
  readonly after: number
  /** Of McNemar's test where rows are right or wrong, otherwise of a permutation test; null where no row changed. */
  readonly pValue: number | null
}

/** A difference that chance gives more often than this is none. */
const mostChance = 0.05

/**
 * Compares what a metric says of each row before and after. A difference is measurable where the interval of the paired bootstrap
 * leaves 0 out and the test calls it rare as well.
 *
 * @param seed of the draws, so that equal values give equal figures
 */
export function compareMetric(
  metric: string,
  before: readonly number[],
  after: readonly number[],
  seed: number,
): MetricChange {
  const differences = after.map((value, row) => value - before[row])
  const isBinary = [...before, ...after].every((value) => value === 0 || value === 1)
  const count = (wanted: number): number => differences.filter((difference) => difference === wanted).length
  const pValue = isBinary ? mcnemarTest(count(1), count(-1)) : permutationTest(differences, seed)
  const difference = pairedBootstrap(differences, seed)
  return {
    metric,
    before: meanOf(before),
    after: meanOf(after),
    ...difference,
    isMeasurable: difference.isMeasurable && pValue !== null && pValue < mostChance,
    pValue,
  }
}

/** The change of exp(loss) that a change of loss is; whether it is measurable stays the same. */
export function perplexityChange(loss: MetricChange): MetricChange {
  const before = Math.exp(loss.before)
  const changed = (difference: number): number => before * Math.expm1(difference)
  return {
    ...loss,
    metric: 'perplexity',
    before,
    after: Math.exp(loss.after),
    mean: changed(loss.mean),
    low: loss.low === null ? null : changed(loss.low),
    high: loss.high === null ? null : changed(loss.high),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
