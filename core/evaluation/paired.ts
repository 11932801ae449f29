import { fillPhilox } from '../random/philox.js'

/** Rounds of a permutation test: its p-values are good to about ± 0.004. */
const rounds = 10_000

/**
 * Exact McNemar test: the two-sided probability that as uneven a split of the rows that only one side gets right comes from a
 * fair coin.
 *
 * p = min(1, 2 Σ_{k ≤ min(fixed, broken)} C(n, k) / 2ⁿ), n = fixed + broken
 *
 * Source: McNemar 1947; Fagerland, Lydersen and Laake 2013 on the exact form.
 *
 * @returns null where no row changed
 */
export function mcnemarTest(fixed: number, broken: number): number | null {
  const n = fixed + broken
  if (n === 0) return null
  const smaller = Math.min(fixed, broken)
  // In logarithms: a term of a few hundred rows is below what a number can hold.
  let logTerm = -n * Math.LN2
  let sum = Math.exp(logTerm)
  for (let k = 1; k <= smaller; k++) {
    logTerm += Math.log((n - k + 1) / k)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, 2 * sum)
}

/**
 * Permutation test of paired differences: how often their mean is as far from 0 when the sign of each is drawn at random. The
 * difference itself counts as one round, so that p is never 0.
 *
 * Source: Fisher 1935; Phipson and Smyth 2010 on counting the observed round.
 *
 * @returns null where nothing differs
 */
export function permutationTest(differences: readonly number[], seed: number): number | null {
  const size = (sum: number): number => Math.abs(sum)
  const observed = size(differences.reduce((sum, difference) => sum + difference, 0))
  if (differences.every((difference) => difference === 0)) return null
  const words = new Uint32Array(Math.ceil(differences.length / 32))
  // Sums of the same numbers in another order of signs differ by rounding.
  const threshold = observed * (1 - 1e-12)
  let reached = 0
  for (let round = 0; round < rounds; round++) {
    fillPhilox(words, [seed, 0], [0, round, 0, 0])
    let sum = 0
    for (let i = 0; i < differences.length; i++) {
      sum += (words[i >>> 5] >>> (i & 31)) & 1 ? differences[i] : -differences[i]
    }
    if (size(sum) >= threshold) reached++
  }
  return (reached + 1) / (rounds + 1)
}
