import { describe, expect, it } from 'vitest'
import {
  fillRoundingBits,
  fillRoundingNoise,
  roundStochastically,
} from '../../../core/random/rounding-noise.js'

function noise(length: number, seed: number, tensor: string, step: number, start: number): Float32Array {
  const target = new Float32Array(length)
  fillRoundingNoise(target, new Uint32Array(length / 2), seed, tensor, step, start)
  return target
}

describe('rounding noise', () => {
  it('is even in −½ … ½', () => {
    const draws = noise(1 << 16, 1, 'w', 0, 0)
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
    const meanSquare = draws.reduce((sum, draw) => sum + draw * draw, 0) / draws.length
    expect(Math.abs(mean)).toBeLessThan(3 * Math.sqrt(1 / 12 / draws.length))
    expect(Math.abs(meanSquare - 1 / 12)).toBeLessThan(3 * Math.sqrt(1 / 180 / draws.length))
    expect(Math.max(...draws)).toBeLessThan(0.5)
    expect(Math.min(...draws)).toBeGreaterThan(-0.5)
  })

  it('is the same for an element, whatever part is asked for', () => {
    expect(noise(16, 1, 'w', 2, 24)).toEqual(noise(64, 1, 'w', 2, 0).slice(24, 40))
  })

  it('is another one for another seed, tensor or step', () => {
    const draws = [
      noise(8, 1, 'w', 2, 0),
      noise(8, 2, 'w', 2, 0),
      noise(8, 1, 'v', 2, 0),
      noise(8, 1, 'w', 3, 0),
    ]
    expect(new Set(draws.map(String)).size).toBe(4)
  })
})

describe('stochastic rounding', () => {
  it('gives one of the two whole numbers beside, and their mean is exact', () => {
    for (const units of [0, 1, 0x7fff, 0xffff, 0x10000, 3 * 0x10000 + 77, -1, -0x10000, -5 * 0x10000 + 9]) {
      let sum = 0
      for (let bits = 0; bits < 0x10000; bits++) {
        const rounded = roundStochastically(units, Uint32Array.of(bits), 0)
        expect(Math.abs(rounded - units / 0x10000)).toBeLessThan(1)
        sum += rounded
      }
      expect(sum).toBe(units)
    }
  })

  it('takes other bits for every element', () => {
    const words = new Uint32Array(1 << 15)
    fillRoundingBits(words, 3, 'w', 0, 0)
    const count = 2 * words.length
    const ups = Array.from({ length: count }, (_, i) => roundStochastically(0x4000, words, i))
    const pairs = ups.slice(1).reduce((sum, up, i) => sum + up * ups[i], 0)
    expect(Math.abs(ups.reduce((sum, up) => sum + up, 0) - count / 4)).toBeLessThan(
      3 * Math.sqrt((count * 3) / 16),
    )
    expect(Math.abs(pairs - count / 16)).toBeLessThan(3 * Math.sqrt(count / 16))
  })
})
