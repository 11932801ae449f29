import { describe, expect, it } from 'vitest'
import { minHash, signatureLength, similarity } from '../../../core/data/min-hash.js'

const signatureOf = (text: string) => {
  const signature = new Uint32Array(signatureLength)
  minHash(text, signature)
  return signature
}
const agreement = (left: string, right: string) => similarity(signatureOf(left), signatureOf(right), 0)
/** Jaccard similarity of the sets of five characters in a row. */
const jaccard = (left: string, right: string) => {
  const pieces = (text: string) => {
    const spaced = ` ${text} `
    return new Set(
      Array.from({ length: Math.max(1, spaced.length - 4) }, (_, at) => spaced.slice(at, at + 5)),
    )
  }
  const [a, b] = [pieces(left), pieces(right)]
  const shared = [...a].filter((piece) => b.has(piece)).length
  return shared / (a.size + b.size - shared)
}

describe('a MinHash signature', () => {
  it('agrees with the shared pieces of two texts, on average within 0.03', () => {
    const word = (seed: number) => `w${(seed * 2654435761) % 99991}`
    let error = 0
    const rounds = 200
    for (let round = 0; round < rounds; round++) {
      const words = Array.from({ length: 30 }, (_, at) => word(round * 100 + at))
      const changed = words.map((each, at) =>
        at % 5 === round % 5 ? word(1_000_000 + round * 100 + at) : each,
      )
      const [left, right] = [words.join(' '), changed.join(' ')]
      error += agreement(left, right) - jaccard(left, right)
    }
    expect(Math.abs(error / rounds)).toBeLessThan(0.03)
  })

  it('does not change with case and white space, and differs for other short texts', () => {
    expect(agreement('A  b\n', 'a b')).toBe(1)
    expect(agreement('yes', 'no')).toBe(0)
    expect(agreement('', '')).toBe(1)
  })
})
