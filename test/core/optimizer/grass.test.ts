import { describe, expect, it } from 'vitest'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import { grass } from '../../../core/optimizer/grass.js'
import { sgd } from '../../../core/optimizer/sgd.js'
import type { GradientUpdate } from '../../../core/schema/gradient-update.js'
import { fillNormals } from '../../../core/random/directions.js'

const common = {
  learningRate: 1,
  schedule: { kind: 'constant', warmUpShare: 0 },
  weightDecay: 0,
  clipNorm: null,
} as const
const plain = { kind: 'sgd', ...common, momentum: 0 } as const
const rows = 24
const columns = 3
const options = { rowCount: rows, columns, chosenCount: 6, refreshSteps: 5 }

describe('steps on some rows of a matrix', () => {
  it('are the whole gradient on average over seeds, within three standard errors', () => {
    const gradient = normals(rows * columns)
    const draws = 800
    const moves = Array.from({ length: draws }, (_, seed) => {
      const values = new Float32Array(rows * columns)
      const rule = grass(sgd(plain, 6 * columns), options, { seed, tensor: 'w' })
      rule.update(values, gradient.slice(), { step: 0, learningRate: 1 })
      return values
    })
    for (let i = 0; i < gradient.length; i++) {
      const mean = moves.reduce((sum, move) => sum + move[i], 0) / draws
      const variance = moves.reduce((sum, move) => sum + (move[i] - mean) ** 2, 0) / draws
      expect(Math.abs(mean + gradient[i])).toBeLessThan(3 * Math.sqrt(variance / draws))
    }
  })

  it('leave all other rows alone until others are chosen', () => {
    const values = new Float32Array(rows * columns)
    const rule = grass(sgd(plain, 6 * columns), options, { seed: 3, tensor: 'w' })
    const moved = Array.from({ length: 6 }, (_, step) => {
      rule.update(values, normals(rows * columns), { step, learningRate: 1 })
      return movedRows(values)
    })
    expect(moved[0]).toHaveLength(6)
    expect(moved[4]).toEqual(moved[0])
    expect(moved[5].length).toBeGreaterThan(6)
  })

  it('refuse a state whose rows are none of the matrix', () => {
    const rule = grass(sgd(plain, 6 * columns), options, { seed: 3, tensor: 'w' })
    rule.update(new Float32Array(rows * columns), normals(rows * columns), { step: 0, learningRate: 1 })
    const saved = rule.save()
    expect(() => rule.load(saved)).not.toThrow()
    // The count comes first, then the rows, four bytes each.
    for (const [at, value] of [
      [0, 7],
      [4, 200],
      [8, 0],
    ]) {
      const damaged = saved.slice()
      damaged[at] = value
      expect(() => rule.load(damaged)).toThrow('ascending rows below 24')
    }
  })

  it('keep state for their share of rows, and one more number and weight a row', () => {
    const update: GradientUpdate = {
      kind: 'grass',
      ...common,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      states: 'fp32',
      rowShare: 0.25,
      refreshSteps: 10,
    }
    const matrix = createTensorRule(update, { name: 'w', shape: [40, 30] }, 7)
    expect(matrix.stateByteLength).toBe(10 * 30 * 8 + 10 * 8 + 4)
    expect(createTensorRule(update, { name: 'w', shape: [40] }, 7).stateByteLength).toBe(40 * 8)
  })
})

function movedRows(values: Float32Array): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) =>
    values.subarray(row * columns, (row + 1) * columns).some((value) => value !== 0),
  )
}

function normals(count: number): Float32Array {
  const values = new Float64Array(count)
  fillNormals(values, 5, 'gradient')
  return Float32Array.from(values)
}
