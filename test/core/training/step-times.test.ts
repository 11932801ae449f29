import { describe, expect, it } from 'vitest'
import { stepTimes } from '../../../core/training/step-times.js'

describe('the time of a step by its tokens', () => {
  it('lies on the line through the second steps of both batches', () => {
    const taken = [
      { tokens: 800, ms: 900 },
      { tokens: 200, ms: 500 },
      { tokens: 200, ms: 150 },
      { tokens: 800, ms: 450 },
    ]
    const { longestMs, at } = stepTimes(taken)
    expect([longestMs, at(800), at(500), at(200)]).toEqual([450, 450, 300, 150])
  })

  it('is that of the one batch that there is', () => {
    const { at } = stepTimes([
      { tokens: 90, ms: 70 },
      { tokens: 90, ms: 40 },
    ])
    expect(at(90)).toBe(40)
    expect(at(10)).toBe(40)
  })

  it('does not fall below nothing, nor rise for fewer tokens, whatever noise says', () => {
    const steep = stepTimes([
      { tokens: 100, ms: 1 },
      { tokens: 200, ms: 500 },
    ])
    expect(steep.at(1)).toBeGreaterThanOrEqual(0)
    const falling = stepTimes([
      { tokens: 100, ms: 500 },
      { tokens: 200, ms: 400 },
    ])
    expect(falling.at(150)).toBe(400)
  })
})
