import { philox4x32, uniform } from './philox.js'

/** Rows, ascending, and what each counts for. */
export interface RowChoice {
  readonly rows: Uint32Array
  readonly weights: Float32Array
}

/**
 * Chooses `count` rows so that the weighted sum over them is an unbiased estimate of the sum over all: of the terms of a
 * matrix product (dW = Σ dyᵀ x over tokens, a term's norm being |dy| · |x|), or of the rows of a gradient.
 *
 * The c largest are always in, with weight 1 ("winner takes all"); the others with probability π = norm · (count − c) / R
 * and weight 1 / π, R being the sum of their norms. c is the least that makes every π at most 1, which is also the one that
 * makes R / (count − c), and with it the variance, the least.
 *
 * Unlike the paper, the others are not drawn independently but by one comb of even teeth along their running sum, with a
 * random offset: the same probabilities and weights, no row twice, and less variance.
 *
 * Source: WTA-CRS, Liu et al. 2023, arXiv:2305.15265, section 3; comb: systematic sampling, Madow 1949.
 *
 * @param norms finite, not negative; rows of norm 0 are left out
 * @returns at most `count` rows; all of them with weight 1 where `count` allows
 */
export function chooseRows(norms: ArrayLike<number>, count: number, seed: number): RowChoice {
  const order = Array.from({ length: norms.length }, (_, row) => row).sort(
    (a, b) => norms[b] - norms[a] || a - b,
  )
  const rests = sumsFrom(order, norms)
  let winners = 0
  while (winners < count && norms[order[winners]] * (count - winners) > rests[winners]) winners++
  // Where all rows fit, each wins in turn, but for the last of equal ones: its π is 1.
  const spacing = winners < count ? rests[winners] / (count - winners) : Infinity
  const isWinner = new Uint8Array(norms.length)
  for (let rank = 0; rank < winners; rank++) isWinner[order[rank]] = 1
  return comb(norms, isWinner, spacing, uniform(philox4x32([0, 0, 0, 5], [seed, 0])[0]))
}

/** At index i, the sum of norms of order[i] and all after it. Added from the smallest, so that nothing cancels. */
function sumsFrom(order: readonly number[], norms: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(order.length + 1)
  for (let i = order.length - 1; i >= 0; i--) sums[i] = sums[i + 1] + norms[order[i]]
  return sums
}

/** Winners, and of the others those under the teeth at (offset + i) · spacing of their running sum. */
function comb(norms: ArrayLike<number>, isWinner: Uint8Array, spacing: number, offset: number): RowChoice {
  const rows: number[] = []
  const weights: number[] = []
  let tooth = offset * spacing
  let sum = 0
  for (let row = 0; row < norms.length; row++) {
    if (isWinner[row] === 1) {
      rows.push(row)
      weights.push(1)
      continue
    }
    sum += norms[row]
    if (sum <= tooth) continue
    rows.push(row)
    weights.push(spacing / norms[row])
    tooth += spacing
  }
  return { rows: Uint32Array.from(rows), weights: Float32Array.from(weights) }
}
