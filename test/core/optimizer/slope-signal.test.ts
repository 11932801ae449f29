import { describe, expect, it } from 'vitest'
import { slopeSignal, stepGain } from '../../../core/optimizer/slope-signal.js'
import { fillNormals } from '../../../core/random/directions.js'

const numbers = 12
const rows = 5

function normals(seed: number, length: number): Float64Array {
  const values = new Float64Array(length)
  fillNormals(values, seed, 'slopes')
  return values
}

describe('the signal of slopes', () => {
  it('is all there is where rows agree, and their differences where they cancel', () => {
    expect(slopeSignal([[2, 2, 2]])).toEqual({ signal: 4, noise: 0 })
    expect(slopeSignal([[3], [1]])).toEqual({ signal: 5, noise: 0 })
    const opposed = slopeSignal([[1, -1]])
    expect(opposed).toEqual({ signal: -1, noise: 2 })
    expect(slopeSignal([[1, -1], [2, 2]]).signal).toBe(1.5) // prettier-ignore
  })

  it('is the squared norm of the mean gradient, and its noise the trace of the covariance, within three standard errors', () => {
    const shared = normals(1, numbers)
    const draws = Array.from({ length: 4000 }, (_, draw) => {
      const signs = normals(100_000 + draw, numbers).map(Math.sign)
      const own = normals(200_000 + draw, numbers * rows)
      return slopeSignal([
        Array.from({ length: rows }, (_, row) =>
          signs.reduce((sum, sign, i) => sum + sign * (shared[i] + 2 * own[row * numbers + i]), 0),
        ),
      ])
    })
    const expected = { signal: shared.reduce((sum, value) => sum + value ** 2, 0), noise: 4 * numbers }
    for (const name of ['signal', 'noise'] as const) {
      const mean = draws.reduce((sum, draw) => sum + draw[name], 0) / draws.length
      const variance = draws.reduce((sum, draw) => sum + (draw[name] - mean) ** 2, 0) / draws.length
      expect(Math.abs(mean - expected[name])).toBeLessThan(3 * Math.sqrt(variance / draws.length))
    }
  })

  it('gains its whole length without noise, less with it, and nothing below zero', () => {
    expect(stepGain({ signal: 9, noise: 0 })).toBe(3)
    expect(stepGain({ signal: 1, noise: 3 })).toBe(0.5)
    expect(stepGain({ signal: -0.1, noise: 3 })).toBe(0)
  })
})
