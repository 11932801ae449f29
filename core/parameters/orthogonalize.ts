import { dot, orthonormalize } from './small-svd.js'
import { productsWithRows, sumsOfRows } from './truncated-svd.js'

/** Rows and columns of a matrix that lies row after row. */
export type MatrixShape = readonly [rows: number, columns: number]

/** Of a, b and c, so that x → a x + b x³ + c x⁵ takes every x in (0, 1] to about 1 in five rounds: 0.7 to 1.2. */
const quintic = [3.4445, -4.775, 2.0315] as const

/**
 * Brings all singular values of a matrix M = Σ σ_k u_k v_kᵀ near to 1, so that Σ u_k v_kᵀ is left of it: with X = M / ‖M‖_F,
 * X ← a X + b X Xᵀ X + c (X Xᵀ)² X in each round. Values of 0 stay 0, and small ones grow by a = 3.4 a round.
 *
 * The rounds are of polynomials of the smaller Gram matrix, which commute: X_k = X p_k(XᵀX), so that the matrix itself is
 * multiplied once. Sums are in a fixed order, so equal matrices give equal bits.
 *
 * Source: Muon, Jordan et al. 2024, whose coefficients ZO-Muon has, arXiv:2602.17155.
 *
 * @returns a new matrix of the same shape; 0 for 0
 */
export function orthogonalize(matrix: Float64Array, shape: MatrixShape, rounds: number): Float64Array {
  const square = dot(matrix, matrix)
  if (square === 0) return new Float64Array(matrix.length)
  const [rows, columns] = shape
  const isTall = columns <= rows
  const upright = isTall ? matrix : transposed(matrix, shape)
  const size = Math.min(rows, columns)
  let gram: Float64Array = gramMatrix(upright, size).map((value) => value / square)
  let product = diagonal(size, 1 / Math.sqrt(square))
  for (let round = 1; round <= rounds; round++) {
    const polynomial = polynomialOf(gram, size)
    product = multiply(product, polynomial, size)
    if (round < rounds) gram = multiply(polynomial, multiply(gram, polynomial, size), size)
  }
  const orthogonal = multiply(upright, product, size)
  return isTall ? orthogonal : transposed(orthogonal, [columns, rows])
}

/**
 * The same for the largest `right.length` singular values alone, which come closer step by step where the matrix changes
 * slowly: V ← orthonormal(Mᵀ M V), U = M V with columns of length 1, and U Vᵀ.
 *
 * Source: ZO-MOPI, arXiv:2605.09034: one warm-started power sweep.
 *
 * @param right V, one vector of `columns` numbers each; replaced in place, but for those that a matrix of less rank leaves none for
 */
export function powerOrthogonalize(
  matrix: Float64Array,
  [rows, columns]: MatrixShape,
  right: readonly Float64Array[],
): Float64Array {
  const swept = sumsOfRows(matrix, columns, productsWithRows(matrix, rows, right))
  orthonormalize(swept)
  const orthogonal = new Float64Array(matrix.length)
  for (const [index, left] of productsWithRows(matrix, rows, swept).entries()) {
    const length = Math.sqrt(dot(left, left))
    if (length === 0) continue
    right[index].set(swept[index])
    addOuterProduct(orthogonal, left, swept[index], 1 / length)
  }
  return orthogonal
}

function addOuterProduct(target: Float64Array, left: Float64Array, right: Float64Array, share: number): void {
  for (let row = 0, i = 0; row < left.length; row++) {
    const factor = share * left[row]
    for (let column = 0; column < right.length; column++, i++) target[i] += factor * right[column]
  }
}

/** a I + b A + c A². */
function polynomialOf(gram: Float64Array, size: number): Float64Array {
  const [a, b, c] = quintic
  const square = multiply(gram, gram, size)
  return square.map((value, i) => c * value + b * gram[i] + (i % (size + 1) === 0 ? a : 0))
}

/** XᵀX of a matrix of `size` columns; its lower half is a copy of the upper one. */
function gramMatrix(matrix: Float64Array, size: number): Float64Array {
  const gram = new Float64Array(size * size)
  for (let start = 0; start < matrix.length; start += size) {
    for (let i = 0; i < size; i++) {
      const value = matrix[start + i]
      for (let j = i; j < size; j++) gram[i * size + j] += value * matrix[start + j]
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) gram[i * size + j] = gram[j * size + i]
  }
  return gram
}

/** A B for a B of [size, size]. */
function multiply(left: Float64Array, right: Float64Array, size: number): Float64Array {
  const product = new Float64Array(left.length)
  for (let start = 0; start < left.length; start += size) {
    for (let k = 0, at = 0; k < size; k++) {
      const value = left[start + k]
      for (let j = start; j < start + size; j++, at++) product[j] += value * right[at]
    }
  }
  return product
}

function diagonal(size: number, value: number): Float64Array {
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++) matrix[i * (size + 1)] = value
  return matrix
}

function transposed(matrix: Float64Array, [rows, columns]: MatrixShape): Float64Array {
  const turned = new Float64Array(matrix.length)
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) turned[column * rows + row] = matrix[i]
  }
  return turned
}
