import { describe, expect, it } from 'vitest'
import { fillRoundingNoise } from '../../../core/random/rounding-noise.js'

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
