/** Sum of products. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/**
 * Makes vectors orthogonal and of length 1, in place and in their order. One that depends on those before it becomes 0.
 *
 * Source: Gram-Schmidt, twice, which is enough: Giraud, Langou and Rozložník 2005.
 */
export function orthonormalize(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, index) => {
    const before = Math.sqrt(dot(vector, vector))
    for (let round = 0; round < 2; round++) {
      for (const other of vectors.slice(0, index)) subtract(vector, dot(vector, other), other)
    }
    const length = Math.sqrt(dot(vector, vector))
    const inverse = length > dependent * before ? 1 / length : 0
    for (let i = 0; i < vector.length; i++) vector[i] *= inverse
  })
}

/** What is left of a vector that depends on others: rounding. */
const dependent = 1e-12

/** A few long vectors y_j = Σ_k σ_k u_k w_k[j]. */
export interface RowSvd {
  /** u_k, orthogonal and of length 1; 0 where σ_k is. */
  readonly directions: readonly Float64Array[]
  /** σ_k, largest first. */
  readonly values: readonly number[]
  /** w_k, orthogonal and of length 1. */
  readonly weights: readonly Float64Array[]
}

const mostSweeps = 60
const smallestCosine = 1e-15

/**
 * The singular value decomposition of a few vectors, by turning pairs of them until all are orthogonal.
 *
 * Source: one-sided Jacobi, Hestenes 1958; the angle as in Golub and Van Loan 2013, section 8.6.3.
 */
export function svdOfRows(vectors: readonly Float64Array[]): RowSvd {
  const turned = vectors.map((vector) => vector.slice())
  const weights = vectors.map((_, k) => Float64Array.from(vectors, (__, j) => (j === k ? 1 : 0)))
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    if (!turnPairs(turned, weights)) break
  }
  const terms = turned
    .map((vector, k) => ({ vector, weight: weights[k], value: Math.sqrt(dot(vector, vector)) }))
    .sort((a, b) => b.value - a.value)
  return {
    directions: terms.map(({ vector, value }) => vector.map((x) => (value === 0 ? 0 : x / value))),
    values: terms.map(({ value }) => value),
    weights: terms.map(({ weight }) => weight),
  }
}

/** Turns every pair that is not orthogonal; true if there was one. */
function turnPairs(turned: readonly Float64Array[], weights: readonly Float64Array[]): boolean {
  let hasTurned = false
  for (let p = 0; p < turned.length; p++) {
    for (let q = p + 1; q < turned.length; q++) {
      const [a, b, c] = [dot(turned[p], turned[p]), dot(turned[q], turned[q]), dot(turned[p], turned[q])]
      if (Math.abs(c) <= smallestCosine * Math.sqrt(a * b)) continue
      hasTurned = true
      const ratio = (b - a) / (2 * c)
      const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio))
      const cosine = 1 / Math.hypot(1, tangent)
      for (const pair of [turned, weights]) turn(pair[p], pair[q], cosine, cosine * tangent)
    }
  }
  return hasTurned
}

function turn(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const x = a[i]
    a[i] = cosine * x - sine * b[i]
    b[i] = sine * x + cosine * b[i]
  }
}

function subtract(vector: Float64Array, share: number, other: Float64Array): void {
  for (let i = 0; i < vector.length; i++) vector[i] -= share * other[i]
}
