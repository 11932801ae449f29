import { describe, expect, it } from 'vitest'
import { unitOfLogScale } from '../../../core/parameters/log-state.js'
import { LowRankDirections } from '../../../core/parameters/low-rank-directions.js'
import { ScaleArrays } from '../../../core/parameters/scale-arrays.js'
import { signProducts } from '../../../core/random/sign-patterns.js'

const unit = 1 / unitOfLogScale

/** A tensor of ones, and its directions. */
function created(rank: number, [rows, blocks]: readonly [number, number]) {
  const memory = new ScaleArrays([rows * blocks], [rows * blocks])
  const [array] = memory.arrays
  memory.refresh(array, new Float32Array(rows * blocks).fill(1))
  const scales = { name: 't', shape: [rows, blocks], array, probedIndex: 0 } as const
  return { array, directions: new LowRankDirections(memory, scales, { kind: 'low-rank', rank, interval: 1 }) }
}

/** What a move of one unit of 1 does, row by row. */
function matrixOf(rank: number, shape: readonly [number, number], draw: { seed: number; basis: number }) {
  const { array, directions } = created(rank, shape)
  directions.move({ ...draw, lane: 0 }, unit)
  const [rows, blocks] = shape
  return Array.from({ length: rows }, (_, row) =>
    [...array.units.subarray(row * blocks, (row + 1) * blocks)].map((units) => units * unitOfLogScale),
  )
}

/** Every choice of so many patterns. */
function everyChoice(count: number, rank: number): number[][] {
  const patterns = Array.from({ length: 2 ** rank }, (_, pattern) => pattern)
  return Array.from({ length: count }).reduce<number[][]>(
    (choices) => choices.flatMap((choice) => patterns.map((pattern) => [...choice, pattern])),
    [[]],
  )
}

const sign = (pattern: number, k: number): number => ((pattern >> k) & 1 ? 1 : -1)

describe('directions of low rank', () => {
  it('have products of signs for numbers, over the root of the rank', () => {
    for (const rank of [1, 2, 3, 8]) {
      const products = signProducts(rank)
      for (const [a, b] of [
        [0, 0],
        [5, 3],
        [255, 1],
      ]) {
        const mask = 2 ** rank - 1
        const expected = Array.from({ length: rank }, (_, k) => sign(a, k) * sign(b, k))
        expect(products[(a ^ b) & mask]).toBe(expected.reduce((sum, value) => sum + value, 0))
      }
      const numbers = new Set(matrixOf(rank, [64, 24], { seed: 1, basis: 2 }).flat())
      for (const number of numbers) {
        const whole = number * Math.sqrt(rank)
        expect(Math.abs(whole - Math.round(whole))).toBeLessThan(1e-4)
        expect(Math.abs(Math.round(whole) - rank) % 2).toBe(0)
      }
    }
  })

  it('have a rank of one where that is asked for, in the columns of their basis', () => {
    const shape = [40, 18] as const
    const [first] = matrixOf(1, shape, { seed: 1, basis: 7 })
    const against = (rows: number[][]): boolean =>
      rows.every((row) => row.every((value, i) => value === row[0] * first[0] * first[i]))
    expect(against(matrixOf(1, shape, { seed: 1, basis: 7 }))).toBe(true)
    expect(against(matrixOf(1, shape, { seed: 2, basis: 7 }))).toBe(true)
    expect(against(matrixOf(1, shape, { seed: 2, basis: 8 }))).toBe(false)
  })

  it('take other rows for other steps and lanes', () => {
    const { array, directions } = created(2, [40, 18])
    const moved = [
      { seed: 1, lane: 0 },
      { seed: 1, lane: 1 },
      { seed: 2, lane: 0 },
    ].map((draw) => {
      array.units.fill(0)
      directions.move({ ...draw, basis: 3 }, unit)
      return array.units.join()
    })
    expect(new Set(moved).size).toBe(3)
  })

  it('are as long as ±1 numbers on average', () => {
    const [rows, blocks, rank, count] = [48, 18, 2, 300]
    const squares = Array.from({ length: count }, (_, seed) => {
      const matrix = matrixOf(rank, [rows, blocks], { seed, basis: seed })
      return matrix.flat().reduce((sum, value) => sum + value ** 2, 0) / (rows * blocks)
    })
    const mean = squares.reduce((sum, value) => sum + value, 0) / count
    const variance = squares.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
    expect(Math.abs(mean - 1)).toBeLessThan(3 * Math.sqrt(variance / count))
  })

  it('lead exactly back, whatever was rounded, and are probed at e^(ε Z)', () => {
    const { array, directions } = created(3, [12, 5])
    const draw = { seed: 4, lane: 0, basis: 9 }
    for (const units of [1, 37, 31_457]) {
      directions.move(draw, units)
      const moved = array.units.map((value) => value)
      directions.move(draw, -units)
      expect(array.units.every((value) => value === 0)).toBe(true)
      for (const side of [1, -1]) {
        const probed = directions.probe(draw, side * units)
        probed.forEach((scale, i) => expect(scale).toBeCloseTo(Math.exp(side * moved[i] * unitOfLogScale), 6))
      }
    }
  })

  it('give what the columns see of a gradient over all rows, and the gradient over all columns', () => {
    const [rows, blocks, rank] = [2, 3, 2]
    const gradient = [
      [0.3, -1.2, 0.7],
      [2.1, 0.4, -0.9],
    ]
    const products = signProducts(rank)
    const zero = () => gradient.map((row) => row.map(() => 0))
    const overColumns = zero()
    for (const v of everyChoice(blocks, rank)) {
      const overRows = zero()
      for (const u of everyChoice(rows, rank)) {
        const z = u.map((a) => v.map((b) => products[a ^ b] / Math.sqrt(rank)))
        const slope = gradient.flatMap((row, i) => row.map((g, j) => g * z[i][j])).reduce((a, b) => a + b)
        z.forEach((row, i) => row.forEach((value, j) => (overRows[i][j] += (slope * value) / 4 ** rows)))
      }
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < blocks; j++) {
          // G V Vᵀ / r, with V from the patterns themselves.
          const seen = gradient[i].reduce((sum, g, l) => {
            const shared = [0, 1].reduce((total, k) => total + sign(v[l], k) * sign(v[j], k), 0)
            return sum + (g * shared) / rank
          }, 0)
          expect(overRows[i][j]).toBeCloseTo(seen, 10)
          overColumns[i][j] += overRows[i][j] / 4 ** blocks
        }
      }
    }
    overColumns.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(gradient[i][j], 10)))
  })
})
