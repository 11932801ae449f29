import { describe, expect, it } from 'vitest'
import { numberPool, poolOffset, poolScale } from '../../../core/random/number-pool.js'

describe('a pool of numbers', () => {
  it('has odd numbers of a byte each, as even as chance has them', () => {
    const pool = numberPool(4096)
    expect(pool).toHaveLength(4096)
    expect(pool.every((value) => Math.abs(value % 2) === 1 && Math.abs(value) <= 255)).toBe(true)
    expect(new Set(pool).size).toBe(256)
    // Uniform over 256 odd numbers: variance (256² − 1) / 3.
    const variance = (256 ** 2 - 1) / 3
    const mean = pool.reduce((sum, value) => sum + value, 0) / pool.length
    expect(Math.abs(mean)).toBeLessThan(3 * Math.sqrt(variance / pool.length))
  })

  it('is the same every time, and the start of a larger one', () => {
    expect(numberPool(64)).toEqual(numberPool(4096).slice(0, 64))
    expect([...numberPool(4)]).toEqual([...numberPool(32)].slice(0, 4))
  })

  it('is as long as as many ±1 once it is scaled', () => {
    for (const size of [32, 4096]) {
      const scale = poolScale(numberPool(size))
      const square = numberPool(size).reduce((sum, value) => sum + (scale * value) ** 2, 0)
      expect(square / size).toBeCloseTo(1, 12)
    }
  })

  it('is begun in any place as often as in any other, whatever the step, tensor and lane', () => {
    const size = 8
    const counts = new Uint32Array(size)
    for (let seed = 0; seed < 400; seed++) {
      for (const tensor of ['a', 'b']) {
        for (const lane of [0, 1]) counts[poolOffset(size, seed, tensor, lane)]++
      }
    }
    // 1600 draws of an eighth, within four standard deviations.
    const deviation = Math.sqrt(1600 * (1 / 8) * (7 / 8))
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(4 * deviation)
    expect(poolOffset(4096, 3, 'a', 0)).not.toBe(poolOffset(4096, 3, 'b', 0))
    expect(poolOffset(4096, 3, 'a', 0)).not.toBe(poolOffset(4096, 3, 'a', 1))
  })
})
