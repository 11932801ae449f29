import { describe, expect, it } from 'vitest'
import { orthogonalize, powerOrthogonalize } from '../../../core/parameters/orthogonalize.js'
import { dot, orthonormalize } from '../../../core/parameters/small-svd.js'
import { fillNormals } from '../../../core/random/directions.js'

/** So many orthogonal vectors of length 1. */
function orthogonalVectors(count: number, length: number, name: string): Float64Array[] {
  const vectors = Array.from({ length: count }, (_, lane) => {
    const vector = new Float64Array(length)
    fillNormals(vector, 1, name, lane)
    return vector
  })
  orthonormalize(vectors)
  return vectors
}

/** Σ values_k u_k v_kᵀ for the same u and v each time. */
function matrixOf(values: readonly number[], [rows, columns]: readonly [number, number]): Float64Array {
  const left = orthogonalVectors(values.length, rows, 'left')
  const right = orthogonalVectors(values.length, columns, 'right')
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    return values.reduce((sum, value, k) => sum + value * left[k][row] * right[k][column], 0)
  })
}

function expectClose(found: Float64Array, expected: Float64Array, digits: number): void {
  expect(found).toHaveLength(expected.length)
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], digits))
}

const shapes = [
  [9, 4],
  [4, 9],
  [4, 4],
] as const

describe.each(shapes)('a matrix of %i rows and %i columns', (...shape) => {
  const values = [3, 1, 0.4, 0.05]

  it('has its singular values taken through the polynomial, and their vectors left', () => {
    const norm = Math.hypot(...values)
    for (const rounds of [1, 2, 5]) {
      const expected = values.map((value) => {
        let x = value / norm
        for (let round = 0; round < rounds; round++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5
        return x
      })
      expectClose(orthogonalize(matrixOf(values, shape), shape, rounds), matrixOf(expected, shape), 9)
    }
  })

  it('is about orthogonal after five rounds, at any length, where no value is much smaller than the others', () => {
    for (const length of [1e-6, 1e6]) {
      const found = orthogonalize(
        matrixOf(
          [1, 0.8, 0.5, 0.2].map((value) => length * value),
          shape,
        ),
        shape,
        5,
      )
      expect(Math.abs(Math.sqrt(dot(found, found) / 4) - 1)).toBeLessThan(0.2)
      const even = matrixOf([1, 1, 1, 1], shape)
      expect(dot(found, even) / Math.sqrt(dot(found, found) * dot(even, even))).toBeGreaterThan(0.97)
    }
  })

  it('stays 0 where it is, in whole or in some directions', () => {
    expect(orthogonalize(new Float64Array(shape[0] * shape[1]), shape, 5).every((value) => value === 0)).toBe(
      true,
    )
    const found = orthogonalize(matrixOf([2, 0, 0, 0], shape), shape, 5)
    const one = matrixOf([1, 0, 0, 0], shape)
    expect(dot(found, one) / Math.sqrt(dot(found, found))).toBeCloseTo(1, 9)
  })

  it('is left with its largest singular values, made equal, where sweeps go on from one another', () => {
    const right = orthogonalVectors(2, shape[1], 'start')
    let found: Float64Array = new Float64Array(0)
    for (let sweep = 0; sweep < 30; sweep++) found = powerOrthogonalize(matrixOf(values, shape), shape, right)
    expectClose(found, matrixOf([1, 1, 0, 0], shape), 6)
    expect(Math.abs(dot(right[0], orthogonalVectors(4, shape[1], 'right')[0]))).toBeCloseTo(1, 9)
  })

  it('has all of its directions back after matrices of less rank', () => {
    const right = orthogonalVectors(2, shape[1], 'start')
    const one = powerOrthogonalize(matrixOf([5, 0, 0, 0], shape), shape, right)
    expectClose(one.map(Math.abs), matrixOf([1, 0, 0, 0], shape).map(Math.abs), 9)
    expect(powerOrthogonalize(new Float64Array(one.length), shape, right).every((value) => value === 0)).toBe(
      true,
    )
    let found: Float64Array = one
    for (let sweep = 0; sweep < 60; sweep++) found = powerOrthogonalize(matrixOf(values, shape), shape, right)
    expectClose(found, matrixOf([1, 1, 0, 0], shape), 6)
  })
})
