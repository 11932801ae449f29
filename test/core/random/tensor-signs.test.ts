import { describe, expect, it } from 'vitest'
import { fillSigns, signWordCount } from '../../../core/random/directions.js'
import { TensorSigns } from '../../../core/random/tensor-signs.js'

describe('the signs of a tensor', () => {
  it('are those of a fresh draw, whatever was asked for before', () => {
    const count = 77
    const signs = new TensorSigns('blk.0', count)
    for (const [seed, lane] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 0],
      [0, 1],
      [0, 0],
    ]) {
      const fresh = new Uint32Array(signWordCount(count))
      fillSigns(fresh, seed, 'blk.0', lane)
      expect(signs.words(seed, lane)).toEqual(fresh)
    }
  })
})
