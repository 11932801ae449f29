/** What is added to the diagonal, in parts of its mean. */
const dampingShare = 0.01

/**
 * The upper triangle U with H⁻¹ = Uᵀ U, where H = moments + λ I and λ is a hundredth of the mean of the diagonal: ten times as
 * much, and so on, where rounding has left H without a factor.
 *
 * H = R Rᵀ with R upper triangular, Cholesky's factor taken from the last row on; then U = R⁻¹. Inputs that are always 0
 * have a row of λ alone, and are tied to no other.
 *
 * Source: GPTQ, Frantar et al. 2022, arXiv:2210.17323, section 3.3 (step 3); its inverse of H is not made here.
 *
 * @param moments Σ x xᵀ of the inputs x of a linear, up to a factor; finite, symmetric, shape [size, size]
 * @returns shape [size, size], 0 below the diagonal
 */
export function inverseFactor(moments: Float32Array, size: number): Float64Array {
  const factor = new Float64Array(size * size)
  let mean = 0
  for (let i = 0; i < size; i++) mean += moments[i * size + i] / size
  // Where nothing is known of inputs, they count alike.
  for (let damping = mean > 0 ? dampingShare * mean : 1; ; damping *= 10) {
    factor.set(moments)
    for (let i = 0; i < size; i++) factor[i * size + i] += damping
    if (decompose(factor, size)) break
  }
  invert(factor, size)
  return factor
}

/** Puts R of H = R Rᵀ in place of the upper triangle of H. False where H is not positive definite. */
function decompose(matrix: Float64Array, size: number): boolean {
  for (let last = size - 1; last >= 0; last--) {
    const own = last * size
    const pivot = matrix[own + last] - dot(matrix, own, own, last + 1, size)
    if (!(pivot > 0)) return false
    const root = Math.sqrt(pivot)
    matrix[own + last] = root
    let row = 0
    for (; row + 4 <= last; row += 4) subtractDots(matrix, row, own, last, size)
    for (; row < last; row++) matrix[row * size + last] -= dot(matrix, row * size, own, last + 1, size)
    for (row = 0; row < last; row++) matrix[row * size + last] /= root
  }
  return true
}

/** Σ of products of two rows, from a column on. */
function dot(matrix: Float64Array, one: number, other: number, first: number, size: number): number {
  let sum = 0
  for (let k = first; k < size; k++) sum += matrix[one + k] * matrix[other + k]
  return sum
}

/** The same of four rows at once with one, taken from their numbers in column `last`: sums that wait for each other take longer. */
function subtractDots(matrix: Float64Array, row: number, own: number, last: number, size: number): void {
  const first = row * size
  const [second, third, fourth] = [first + size, first + 2 * size, first + 3 * size]
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let k = last + 1; k < size; k++) {
    const value = matrix[own + k]
    a += matrix[first + k] * value
    b += matrix[second + k] * value
    c += matrix[third + k] * value
    d += matrix[fourth + k] * value
  }
  matrix[first + last] -= a
  matrix[second + last] -= b
  matrix[third + last] -= c
  matrix[fourth + last] -= d
}

/** Puts R⁻¹ in place of an upper triangle R, and 0 below it: row i is −(Σ R[i, k] · row k of the inverse) / R[i, i], k > i. */
function invert(matrix: Float64Array, size: number): void {
  const own = new Float64Array(size)
  for (let row = size - 1; row >= 0; row--) {
    const start = row * size
    const pivot = matrix[start + row]
    for (let k = row + 1; k < size; k++) own[k] = -matrix[start + k] / pivot
    matrix.fill(0, start, start + size)
    matrix[start + row] = 1 / pivot
    let k = row + 1
    for (; k + 4 <= size; k += 4) {
      const [a, b, c, d] = [own[k], own[k + 1], own[k + 2], own[k + 3]]
      const first = k * size
      const [second, third, fourth] = [first + size, first + 2 * size, first + 3 * size]
      for (let j = k; j < size; j++) {
        matrix[start + j] +=
          a * matrix[first + j] + b * matrix[second + j] + c * matrix[third + j] + d * matrix[fourth + j]
      }
    }
    for (; k < size; k++) {
      for (let j = k; j < size; j++) matrix[start + j] += own[k] * matrix[k * size + j]
    }
  }
}
