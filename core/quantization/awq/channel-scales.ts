/** Exponents of the mean size of an input that are tried: 0, 0.05, …, 0.95. */
export const scaleExponents: readonly number[] = Array.from({ length: 20 }, (_, place) => place / 20)

/** Inputs that are smaller than this, beside the largest, are scaled as if they were not. */
const smallest = 1e-4

/**
 * Factors for the columns of a matrix, by the size of the inputs that they meet: s = m^α / √(max · min), so that columns which
 * matter are large where they are rounded. The inputs are divided by them.
 *
 * Source: AWQ, Lin et al. 2023, arXiv:2306.00978, section 3.2 (equation 5), normalised as its authors' code does.
 *
 * @param sizes mean |x| of each input, up to a factor
 */
export function channelScales(sizes: Float32Array, exponent: number): Float32Array {
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0)
  if (largest === 0) return new Float32Array(sizes.length).fill(1)
  const powers = sizes.map((size) => Math.max(size / largest, smallest) ** exponent)
  const least = powers.reduce((few, power) => Math.min(few, power), Infinity)
  const middle = Math.sqrt(least * powers.reduce((most, power) => Math.max(most, power), 0))
  return powers.map((power) => power / middle)
}
