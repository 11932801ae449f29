import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseRows } from '../../../core/random/choose-rows.js'
import { fillNormals } from '../../../core/random/directions.js'
import { shuffledIndices } from '../../../core/random/shuffle.js'

const tokens = 128
const width = 4
const inputs = normals(tokens * width, 'x')
// Gradients of tokens differ in size by orders of magnitude, as those of a trained model do.
const outputs = normals(tokens * width, 'dy').map(
  (value, i) => value * Math.exp(1.5 * Math.sin(Math.floor(i / width))),
)
const norms = Float64Array.from({ length: tokens }, (_, row) => norm(inputs, row) * norm(outputs, row))
const exact = product(Array.from({ length: tokens }, (_, row) => ({ row, weight: 1 })))

describe('a choice of rows', () => {
  it('takes all rows as they are where there is room', () => {
    expect(chooseRows([1, 2, 3], 3, 1)).toEqual({
      rows: Uint32Array.of(0, 1, 2),
      weights: Float32Array.of(1, 1, 1),
    })
    expect(chooseRows([1, 2, 3], 9, 1).rows).toHaveLength(3)
    expect(chooseRows([], 2, 1).rows).toHaveLength(0)
  })

  it('leaves out rows of norm zero', () => {
    expect(chooseRows([0, 5, 0, 1, 0], 3, 2).rows).toEqual(Uint32Array.of(1, 3))
  })

  it('spaces rows of one norm evenly', () => {
    const { rows, weights } = chooseRows(new Float32Array(12).fill(2), 4, 5)
    expect([...weights]).toEqual([3, 3, 3, 3])
    expect([...rows].map((row) => row - rows[0])).toEqual([0, 3, 6, 9])
  })

  it('lets the largest win: with 10, 1, 1, 1 and two rows, 10 always and one of the others for three', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { rows, weights } = chooseRows([1, 10, 1, 1], 2, seed)
      expect(rows).toHaveLength(2)
      expect(weights[rows.indexOf(1)]).toBe(1)
      expect(weights[1 - rows.indexOf(1)]).toBe(3)
    }
  })

  it('gives exactly as many rows as asked for, none twice, each counting at least once', () => {
    const sizes = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 60 }), fc.nat(), (norms, count, seed) => {
        const { rows, weights } = chooseRows(norms, count, seed)
        expect(rows).toHaveLength(Math.min(count, norms.length))
        expect(new Set(rows).size).toBe(rows.length)
        expect([...rows]).toEqual([...rows].sort((a, b) => a - b))
        weights.forEach((weight) => expect(weight).toBeGreaterThan(1 - 1e-6))
      }),
    )
  })

  it('estimates a matrix product without bias, within three standard errors', () => {
    const draws = 600
    const estimates = Array.from({ length: draws }, (_, seed) => estimate(38, seed))
    exact.forEach((value, i) => {
      const mean = estimates.reduce((sum, matrix) => sum + matrix[i], 0) / draws
      const variance = estimates.reduce((sum, matrix) => sum + (matrix[i] - mean) ** 2, 0) / draws
      expect(Math.abs(mean - value)).toBeLessThan(3 * Math.sqrt(variance / draws))
    })
  })

  it('with three tenths of the rows errs less than independent draws and a quarter of even ones', () => {
    const count = 38
    const draws = 300
    let chosen = 0
    let even = 0
    for (let seed = 0; seed < draws; seed++) {
      chosen += distance(estimate(count, seed)) / draws
      const rows = [...shuffledIndices(tokens, seed).subarray(0, count)]
      even += distance(product(rows.map((row) => ({ row, weight: tokens / count })))) / draws
    }
    expect(chosen / even).toBeLessThan(1 / 4)
    expect(chosen / independentVariance(count)).toBeLessThan(0.7)
  })
})

/** Closed form of the paper's estimator: (R² − |rest|²) / (count − c) with the c that makes R / (count − c) the least. */
function independentVariance(count: number): number {
  const order = [...norms.keys()].sort((a, b) => norms[b] - norms[a])
  const variances = Array.from({ length: count }, (_, winners) => {
    const rest = order.slice(winners)
    const sum = rest.reduce((total, row) => total + norms[row], 0)
    const size = product(rest.map((row) => ({ row, weight: 1 }))).reduce(
      (total, value) => total + value * value,
      0,
    )
    return { spacing: sum / (count - winners), variance: (sum * sum - size) / (count - winners) }
  })
  return variances.reduce((best, each) => (each.spacing < best.spacing ? each : best)).variance
}

function estimate(count: number, seed: number): number[] {
  const { rows, weights } = chooseRows(norms, count, seed)
  return product([...rows].map((row, i) => ({ row, weight: weights[i] })))
}

/** Σ weight · dyᵀ x over rows, [width, width]. */
function product(terms: readonly { row: number; weight: number }[]): number[] {
  const matrix = new Array<number>(width * width).fill(0)
  for (const { row, weight } of terms) {
    for (let i = 0; i < matrix.length; i++) {
      matrix[i] += weight * outputs[row * width + Math.floor(i / width)] * inputs[row * width + (i % width)]
    }
  }
  return matrix
}

function distance(matrix: readonly number[]): number {
  return matrix.reduce((sum, value, i) => sum + (value - exact[i]) ** 2, 0)
}

function norm(matrix: Float64Array, row: number): number {
  return Math.hypot(...matrix.subarray(row * width, (row + 1) * width))
}

function normals(count: number, name: string): Float64Array {
  const values = new Float64Array(count)
  fillNormals(values, 11, name)
  return values
}
