import { describe, expect, it } from 'vitest'
import { expUnits, moveAlongSigns } from '../../../core/parameters/log-state.js'
import { UnitExponentials } from '../../../core/parameters/unit-exponentials.js'
import { fillSigns, signWordCount } from '../../../core/random/directions.js'
import { TensorSigns } from '../../../core/random/tensor-signs.js'

describe('moving along signs', () => {
  it.each([1, 3, 4, 31, 33, 70])(
    'adds each lane’s coefficient where its sign is plus, of %i numbers',
    (count) => {
      const state = new Int32Array(count).fill(100)
      const coefficients = [5, 0, -7]
      moveAlongSigns(state, new TensorSigns('t', count), 9, coefficients)
      const expected = Int32Array.from(state, (_, i) =>
        coefficients.reduce((sum, coefficient, lane) => sum + coefficient * signOf(9, lane, count, i), 100),
      )
      expect(state).toEqual(expected)
    },
  )
})

describe('exponentials of whole units', () => {
  it('are those of exp, within the tables and beyond', () => {
    const units = Int32Array.of(
      0,
      1,
      -1,
      1023,
      1024,
      -1024,
      987654,
      -987654,
      2 ** 23 - 1,
      -(2 ** 23),
      2 ** 23,
      2 ** 24,
    )
    const target = new Float64Array(units.length)
    new UnitExponentials().fill(target, units)
    units.forEach((unit, i) => {
      // A unit in the last place of float64.
      expect(Math.abs(target[i] / expUnits(unit) - 1)).toBeLessThan(2 ** -51)
    })
  })
})

function signOf(seed: number, lane: number, count: number, element: number): 1 | -1 {
  const words = new Uint32Array(signWordCount(count))
  fillSigns(words, seed, 't', lane)
  return (words[element >>> 5] >>> (element & 31)) & 1 ? 1 : -1
}
