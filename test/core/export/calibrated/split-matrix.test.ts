import { describe, expect, it } from 'vitest'
import { splitMatrix } from '../../../../core/export/calibrated/split-matrix.js'
import { roundedMatrix, type EvenTensor } from '../../../../core/quantization/rounded-matrix.js'
import { randomNumbers } from '../../../support/random-numbers.js'

const [rows, columns, planted] = [96, 128, 4]
const tensor: EvenTensor = { name: 'w', type: 'Q4_0', shape: [rows, columns], byteLength: rows * 4 * 18 }
const random = randomNumbers(11)
const noise = new Float32Array(rows * columns).map(() => 0.05 * random.symmetric())
const vectors = (length: number): Float32Array[] =>
  Array.from({ length: planted }, () => new Float32Array(length).map(() => random.symmetric()))
const [lefts, rights] = [vectors(rows), vectors(columns)]
/** Some terms that are far larger than all the rest. */
const weights = noise.map((value, at) => {
  const [row, column] = [Math.floor(at / columns), at % columns]
  return value + lefts.reduce((sum, left, k) => sum + left[row] * rights[k][column], 0)
})

const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0)
const errorOf = (difference: Float32Array): Promise<number> => Promise.resolve(squares(difference))
const errorOfRounding = (values: Float32Array): number => {
  const { stored } = roundedMatrix(tensor, values, 'search')
  return squares(stored.map((value, at) => value - values[at]))
}

describe('a matrix split into codes and a branch', () => {
  it('errs as much as its rest does, where what is large is of low rank', async () => {
    const { stored, product, branch } = await splitMatrix(
      tensor,
      weights,
      { rank: planted, seed: 1 },
      errorOf,
    )
    const error = squares(weights.map((weight, at) => weight - stored[at] - product[at]))
    expect(errorOfRounding(weights)).toBeGreaterThan(100 * errorOfRounding(noise))
    expect(error).toBeLessThan(1.05 * errorOfRounding(noise))
    expect(branch).toMatchObject({ rank: planted, scale: 1 })
  })

  it('has a branch whose product it says, and no error where the rank is whole', async () => {
    const whole = await splitMatrix(tensor, weights, { rank: rows, seed: 1 }, errorOf)
    const { down, up, rank } = whole.branch
    weights.forEach((weight, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns]
      let sum = 0
      for (let k = 0; k < rank; k++) sum += up[row * rank + k] * down[k * columns + column]
      expect(Math.abs(sum - whole.product[at])).toBeLessThan(1e-4)
      expect(Math.abs(whole.stored[at] + sum - weight)).toBeLessThan(1e-4)
    })
  })

  it('gives the best of its turns, by the error that is asked for', async () => {
    const seen: number[] = []
    const weighed = (difference: Float32Array): Promise<number> => {
      seen.push(difference.reduce((sum, value, at) => sum + (at % columns < 8 ? 100 : 1) * value * value, 0))
      return Promise.resolve(seen[seen.length - 1])
    }
    const { stored, product } = await splitMatrix(tensor, weights, { rank: 2, seed: 1 }, weighed)
    const difference = weights.map((weight, at) => stored[at] + product[at] - weight)
    const error = difference.reduce((sum, value, at) => sum + (at % columns < 8 ? 100 : 1) * value * value, 0)
    expect(Math.abs(error / Math.min(...seen) - 1)).toBeLessThan(1e-5)
    expect(seen.length).toBeGreaterThan(1)
  })
})
