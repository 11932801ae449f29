import { describe, expect, it } from 'vitest'
import { ropeTables } from '../../../../core/engine/rope-tables.js'
import type { RopeDescription } from '../../../../core/model/description.js'
import { frequencyFactors } from '../../../../core/model/onnx/read-rope-tables.js'
import { baseOfFrequencies, rotationOfTables } from '../../../../core/model/onnx/rope-of-tables.js'

const plain: RopeDescription = {
  base: 10_000,
  dimensions: 64,
  layout: 'halves',
  positionScale: 1,
  frequencyFactors: null,
  longFactors: null,
  magnitude: 1,
}

function rotationOf(rope: RopeDescription, positions: number) {
  return rotationOfTables({ ...ropeTables(rope, positions), positions, pairs: rope.dimensions / 2 })
}

describe('the rotation that tables were made of', () => {
  it.each([
    [10_000, 32, 128],
    [500_000, 64, 2_048],
    [1_000_000, 128, 4_096],
    [10_000, 16, 131_072],
    [1_042_000, 16, 40_960],
  ])('is that of base %d in %d dimensions by %d positions', (base, dimensions, positions) => {
    const rotation = rotationOf({ ...plain, base, dimensions }, positions)
    expect(rotation?.magnitude).toBeCloseTo(1, 6)
    expect(baseOfFrequencies(rotation?.frequencies ?? new Float64Array(1), positions)).toBe(base)
  })

  it('has the factors of its frequencies, and its magnitude', () => {
    const factors = Float32Array.from({ length: 32 }, (_, pair) => (pair < 10 ? 1 : 1 + (pair - 9) / 3))
    const rotation = rotationOf({ ...plain, frequencyFactors: factors, magnitude: 1.19 }, 8_192)
    if (rotation === null) throw new Error('no rotation')
    expect(rotation.magnitude).toBeCloseTo(1.19, 6)
    expect(baseOfFrequencies(rotation.frequencies, 8_192)).toBeNull()
    frequencyFactors(rotation.frequencies, 10_000).forEach((factor, pair) => {
      expect(Math.abs(factor / factors[pair] - 1)).toBeLessThan(1e-5)
    })
  })

  it('is none where angles do not grow with the position', () => {
    const tables = ropeTables(plain, 256)
    const bent = { ...tables, cosines: tables.cosines.map((value, at) => (at > 200 * 32 ? 1 : value)) }
    expect(rotationOfTables({ ...bent, positions: 256, pairs: 32 })).toBeNull()
    expect(rotationOfTables({ ...tables, positions: 1, pairs: 32 })).toBeNull()
  })
})
