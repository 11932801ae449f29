import { describe, expect, it } from 'vitest'
import { unitOfLogScale } from '../../../core/parameters/log-state.js'
import { PoolDirections, PoolTable, poolTableLength } from '../../../core/parameters/pool-directions.js'
import { ScaleArrays } from '../../../core/parameters/scale-arrays.js'
import { numberPool, poolOffset, poolScale } from '../../../core/random/number-pool.js'

const size = 32
const length = 100
const unit = 1 / unitOfLogScale
const pool = Float64Array.from(numberPool(size), (value) => poolScale(numberPool(size)) * value)

/** A tensor of ones, and its directions. */
function created() {
  const memory = new ScaleArrays([length], [length], poolTableLength(size))
  const [array] = memory.arrays
  memory.refresh(array, new Float32Array(length).fill(1))
  return {
    array,
    directions: new PoolDirections(new PoolTable(memory, size), {
      name: 't',
      shape: [1, length],
      array,
      probedIndex: 0,
    }),
  }
}

function directionOf(seed: number, lane = 0): Float64Array {
  const offset = poolOffset(size, seed, 't', lane)
  return Float64Array.from({ length }, (_, i) => pool[(offset + i) % size])
}

describe('directions out of a pool', () => {
  it('are its numbers from the place of the draw on, over and over', () => {
    const { array, directions } = created()
    for (const [seed, lane] of [
      [1, 0],
      [1, 1],
      [2, 0],
    ]) {
      const before = array.units.slice()
      directions.move({ seed, lane, basis: 0 }, unit)
      const z = directionOf(seed, lane)
      array.units.forEach((value, i) =>
        expect(Math.abs(value - before[i] - unit * z[i])).toBeLessThanOrEqual(0.5),
      )
    }
  })

  it('lead exactly back, whatever was rounded', () => {
    const { array, directions } = created()
    for (const units of [1, 37, -3]) directions.move({ seed: 4, lane: 0, basis: 0 }, units)
    for (const units of [-3, 37, 1]) directions.move({ seed: 4, lane: 0, basis: 0 }, -units)
    expect(array.units.every((value) => value === 0)).toBe(true)
  })

  it('are probed at e^(ε z) on either side', () => {
    const { directions } = created()
    const z = directionOf(9)
    for (const units of [31_457, -31_457]) {
      const probed = directions.probe({ seed: 9, lane: 0, basis: 0 }, units)
      probed.forEach((scale, i) => expect(scale).toBeCloseTo(Math.exp(units * unitOfLogScale * z[i]), 6))
    }
  })

  it('are as long as ±1 over whole pools', () => {
    const z = directionOf(5)
    const square = z.subarray(0, 3 * size).reduce((sum, value) => sum + value ** 2, 0)
    expect(square).toBeCloseTo(3 * size, 10)
  })

  it('give the gradient times the autocorrelation of the pool, over all of its places', () => {
    // Of a linear loss the two-point slope is g · z exactly, and the estimate (g · z) z.
    const gradient = Float64Array.from({ length: size }, (_, i) => Math.sin(i * i))
    const mean = new Float64Array(size)
    for (let offset = 0; offset < size; offset++) {
      const z = (i: number): number => pool[(offset + i) % size]
      const slope = gradient.reduce((sum, value, i) => sum + value * z(i), 0)
      for (let i = 0; i < size; i++) mean[i] += (slope * z(i)) / size
    }
    const correlation = (shift: number): number =>
      pool.reduce((sum, value, i) => sum + value * pool[(i + shift + size) % size], 0) / size
    expect(correlation(0)).toBeCloseTo(1, 12)
    mean.forEach((value, i) => {
      const expected = gradient.reduce((sum, slope, j) => sum + slope * correlation(j - i), 0)
      expect(value).toBeCloseTo(expected, 10)
    })
  })
})
