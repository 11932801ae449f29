import { describe, expect, it } from 'vitest'
import { deriveSeed } from '../../../core/random/derive-seed.js'
import { fillNormals, fillSigns } from '../../../core/random/directions.js'
import { fillPhilox, philox4x32 } from '../../../core/random/philox.js'
import { shuffledIndices } from '../../../core/random/shuffle.js'

describe('Philox4x32-10', () => {
  // Known answers published with the Random123 library (kat_vectors).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published words for counter %j', (counter, key, words) => {
    expect([...philox4x32(counter, key)]).toEqual(words)
  })

  it('makes any block without the ones before it', () => {
    const whole = new Uint32Array(40)
    fillPhilox(whole, [7, 8], [0, 1, 2, 3])
    expect([...philox4x32([6, 1, 2, 3], [7, 8])]).toEqual([...whole.subarray(24, 28)])
  })
})

describe('directions', () => {
  it('are balanced and differ by seed, tensor and lane', () => {
    const signs = (seed: number, tensor: string, lane: number) => {
      const words = new Uint32Array(1024)
      fillSigns(words, seed, tensor, lane)
      return words
    }
    const ones = signs(1, 'a', 0).reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0)
    // 32,768 fair bits: standard deviation 90.5; five of them.
    expect(Math.abs(ones - 16384)).toBeLessThan(453)
    expect(signs(1, 'a', 0)).not.toEqual(signs(2, 'a', 0))
    expect(signs(1, 'a', 0)).not.toEqual(signs(1, 'b', 0))
    expect(signs(1, 'a', 0)).not.toEqual(signs(1, 'a', 1))
  })

  it('has normals with mean 0 and variance 1 within five standard errors', () => {
    const normals = new Float64Array(20001)
    fillNormals(normals, 42, 'blk.0')
    const mean = normals.reduce((a, b) => a + b) / normals.length
    const variance = normals.reduce((a, b) => a + b * b, 0) / normals.length
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(20001))
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 20001))
  })
})

describe('seeds and shuffles', () => {
  it('tells paths apart by order and depth', () => {
    const seeds = [deriveSeed(1, 2, 3), deriveSeed(1, 3, 2), deriveSeed(1, 2), deriveSeed(2, 2, 3)]
    expect(new Set(seeds).size).toBe(4)
    expect(deriveSeed(1, 2, 3)).toBe(deriveSeed(1, 2, 3))
  })

  it('shuffles every index exactly once', () => {
    const order = shuffledIndices(1000, 5)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(order).not.toEqual(shuffledIndices(1000, 6))
  })
})
