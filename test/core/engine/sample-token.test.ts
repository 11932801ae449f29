import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostLikelyToken, sampleToken } from '../../../core/engine/sample-token.js'
import { fillPhilox } from '../../../core/random/philox.js'
import { caughtError } from '../../support/caught-error.js'

const logits = Float32Array.of(0.5, 2, -1, 1, 2)

/** Evenly spread numbers in (0, 1). */
const spread = Array.from({ length: 1000 }, (_, index) => (index + 0.5) / 1000)

function drawn(sampling: { temperature: number; topP: number }): Set<number> {
  return new Set(spread.map((uniform) => sampleToken(logits, sampling, uniform)))
}

describe('drawing a token', () => {
  it('takes the first of the most likely tokens at temperature 0', () => {
    expect(drawn({ temperature: 0, topP: 1 })).toEqual(new Set([1]))
    expect(mostLikelyToken(logits)).toBe(1)
  })

  it('keeps the smallest set of tokens that reaches the nucleus', () => {
    // Probabilities: 0.081, 0.363, 0.018, 0.134, 0.363 (softmax of the logits).
    expect(drawn({ temperature: 1, topP: 0.2 })).toEqual(new Set([1]))
    expect(drawn({ temperature: 1, topP: 0.7 })).toEqual(new Set([1, 4]))
    expect(drawn({ temperature: 1, topP: 0.8 })).toEqual(new Set([1, 4, 3]))
    expect(drawn({ temperature: 1, topP: 0.99 })).toEqual(new Set([1, 4, 3, 0, 2]))
    expect(drawn({ temperature: 1, topP: 1 })).toEqual(new Set([1, 4, 3, 0, 2]))
  })

  it('draws with the probabilities of softmax at the given temperature', () => {
    const words = new Uint32Array(20_000)
    fillPhilox(words, [7, 7], [0, 0, 0, 0])
    const counts = new Float64Array(logits.length)
    for (const word of words) counts[sampleToken(logits, { temperature: 0.7, topP: 1 }, word / 2 ** 32)]++
    const weights = logits.map((logit) => Math.exp(logit / 0.7))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const chiSquare = counts.reduce((sum, count, token) => {
      const expected = (words.length * weights[token]) / total
      return sum + (count - expected) ** 2 / expected
    }, 0)
    // The 99.9 % point of chi-square with 4 degrees of freedom; the seed is fixed.
    expect(chiSquare).toBeLessThan(18.47)
  })

  it('never leaves the nucleus that a full sort gives', () => {
    const somewhat = fc.integer({ min: -2000, max: 2000 }).map((hundredths) => hundredths / 100)
    fc.assert(
      fc.property(
        fc.array(somewhat, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (values, topP, uniform) => {
          const token = sampleToken(values, { temperature: 1, topP }, uniform)
          const total = values.reduce((sum, value) => sum + Math.exp(value), 0)
          const more = values.reduce(
            (sum, value) => sum + (value > values[token] ? Math.exp(value) / total : 0),
            0,
          )
          // More likely tokens alone do not reach the nucleus yet; the allowance is for rounding.
          expect(more).toBeLessThan(topP + 1e-12)
        },
      ),
    )
  })

  it('refuses logits that are not finite, and names the token', () => {
    const error = caughtError(() => mostLikelyToken([0, NaN, 1]))
    expect(error.code).toBe('runtime-failed')
    expect(error.message).toContain('NaN for token 1')
  })
})
