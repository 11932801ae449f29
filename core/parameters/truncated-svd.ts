import { fillNormals } from '../random/directions.js'
import { dot, orthonormalize, svdOfRows } from './small-svd.js'

/** The largest terms of W = Σ σ_k u_k v_kᵀ, largest first. */
export interface SingularTerms {
  /** u_k, each of one number a row of W. */
  readonly left: readonly Float64Array[]
  readonly values: readonly number[]
  /** v_k, each of one number a column of W. */
  readonly right: readonly Float64Array[]
}

/** Directions beside those that are asked for, and passes over the matrix: both make the terms more exact. */
const beside = 8
const passes = 6

/**
 * The `rank` largest singular terms of a matrix, by subspace iteration from a random start: exact where all of its directions
 * are kept, else the closer the faster singular values fall. What it leaves of a flat spectrum is hardly more than the least.
 *
 * Source: Halko, Martinsson and Tropp 2011, arXiv:0909.4061, Algorithm 4.4.
 *
 * @param matrix shape [rows, columns]
 * @param seed of the start; equal seeds give equal bits
 */
export function truncatedSvd(
  matrix: Float32Array,
  [rows, columns]: readonly [rows: number, columns: number],
  rank: number,
  seed: number,
): SingularTerms {
  const count = Math.min(rank + beside, rows, columns)
  let right = startOf(count, columns, seed)
  for (let pass = 0; pass < passes; pass++) {
    const left = productsWithRows(matrix, rows, right)
    orthonormalize(left)
    right = sumsOfRows(matrix, columns, left)
    orthonormalize(right)
  }
  const left = productsWithRows(matrix, rows, right)
  // W V is Y, and Y = Σ u_k σ_k w_kᵀ gives W ≈ Y Vᵀ = Σ u_k σ_k (V w_k)ᵀ.
  const { directions, values, weights } = svdOfRows(left)
  const kept = Math.min(rank, count)
  return {
    left: directions.slice(0, kept),
    values: values.slice(0, kept),
    right: weights.slice(0, kept).map((weight) => combined(right, weight)),
  }
}

function startOf(count: number, columns: number, seed: number): Float64Array[] {
  const start = Array.from({ length: count }, (_, index) => {
    const vector = new Float64Array(columns)
    fillNormals(vector, seed, `singular.${index}`)
    return vector
  })
  orthonormalize(start)
  return start
}

/** W v of each v, for W of so many rows. */
export function productsWithRows(
  matrix: Float32Array | Float64Array,
  rows: number,
  vectors: readonly Float64Array[],
): Float64Array[] {
  const products = vectors.map(() => new Float64Array(rows))
  const { length: columns } = vectors[0]
  for (let row = 0; row < rows; row++) {
    const values = matrix.subarray(row * columns, (row + 1) * columns)
    vectors.forEach((vector, index) => (products[index][row] = dot(values, vector)))
  }
  return products
}

/** Wᵀ u of each u, for W of so many columns. */
export function sumsOfRows(
  matrix: Float32Array | Float64Array,
  columns: number,
  vectors: readonly Float64Array[],
): Float64Array[] {
  const sums = vectors.map(() => new Float64Array(columns))
  const { length: rows } = vectors[0]
  for (let row = 0; row < rows; row++) {
    const first = row * columns
    vectors.forEach((vector, index) => {
      const share = vector[row]
      const sum = sums[index]
      for (let column = 0; column < columns; column++) sum[column] += share * matrix[first + column]
    })
  }
  return sums
}

function combined(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0].length)
  vectors.forEach((vector, index) => {
    for (let i = 0; i < sum.length; i++) sum[i] += weights[index] * vector[i]
  })
  return sum
}
