import type { LowRankMatrices } from '../../engine/model-changes.js'
import { truncatedSvd, type SingularTerms } from '../../parameters/truncated-svd.js'
import { roundedMatrix, type EvenTensor } from '../../quantization/rounded-matrix.js'

/** A matrix as codes and a branch in floats beside them: W ≈ Q + B A. */
export interface SplitMatrix {
  /** Q in the layout of its type. */
  readonly bytes: Uint8Array
  /** The values of Q, shape [rows, columns]. */
  readonly stored: Float32Array
  /** A is `down`, B is `up`; its scale is 1. */
  readonly branch: LowRankMatrices
  /** B A, shape [rows, columns]. */
  readonly product: Float32Array
}

/** Most turns of taking the branch out of the rest and rounding what it leaves. */
const mostRounds = 2

/**
 * Splits a matrix into a branch of low rank, in floats, and codes of the rest. In turn, B A becomes the largest singular terms of
 * W − Q (at first of W), and Q = round(W − B A), while the error falls; the best of them is given.
 *
 * Source: SVDQuant, Li et al. 2024, arXiv:2411.05007, section 4, and its released code, which takes up to 100 turns.
 *
 * @param weights W, shape [rows, columns]
 * @param errorOf what Q + B A − W costs
 * @param seed of the search for singular terms
 */
export async function splitMatrix(
  tensor: EvenTensor,
  weights: Float32Array,
  { rank, seed }: { readonly rank: number; readonly seed: number },
  errorOf: (difference: Float32Array) => Promise<number>,
): Promise<SplitMatrix> {
  const [rows, columns] = tensor.shape
  let best: SplitMatrix | null = null
  let least = Infinity
  let rest = weights
  for (let round = 0; round < mostRounds; round++) {
    const branch = branchOf(truncatedSvd(rest, [rows, columns], rank, seed), [rows, columns], rank)
    const product = productOf(branch, columns)
    const residual = weights.map((weight, at) => weight - product[at])
    const rounded = roundedMatrix(tensor, residual, 'search')
    const error = await errorOf(rounded.stored.map((value, at) => value - residual[at]))
    if (best !== null && !(error < least)) break
    best = { ...rounded, branch, product }
    least = error
    rest = weights.map((weight, at) => weight - rounded.stored[at])
  }
  if (best === null) throw new TypeError('a matrix is split at least once')
  return best
}

/** B = U √Σ and A = √Σ Vᵀ, so that neither is much larger than the other; terms that the matrix does not have are 0. */
function branchOf(
  { left, values, right }: SingularTerms,
  [rows, columns]: readonly [number, number],
  rank: number,
): LowRankMatrices {
  const [down, up] = [new Float32Array(rank * columns), new Float32Array(rows * rank)]
  values.forEach((value, k) => {
    const root = Math.sqrt(value)
    right[k].forEach((v, column) => (down[k * columns + column] = root * v))
    left[k].forEach((u, row) => (up[row * rank + k] = root * u))
  })
  return { rank, scale: 1, down, up }
}

function productOf({ rank, down, up }: LowRankMatrices, columns: number): Float32Array {
  const product = new Float32Array((up.length / rank) * columns)
  for (let at = 0; at < up.length; at++) {
    const start = Math.floor(at / rank) * columns
    const first = (at % rank) * columns
    const share = up[at]
    for (let column = 0; column < columns; column++) product[start + column] += share * down[first + column]
  }
  return product
}
