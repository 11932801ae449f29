import { describe, expect, it } from 'vitest'
import { ScaleArrays } from '../../../core/parameters/scale-arrays.js'
import { fillSigns, signWordCount } from '../../../core/random/directions.js'

const lengths = [1, 31, 32, 33, 100]
const tableLength = 160

/** Arrays of all lengths, and the signs of one direction for each. */
function arranged() {
  const memory = new ScaleArrays(lengths, [100], tableLength)
  return lengths.map((length, index) => {
    const bits = new Uint32Array(signWordCount(length))
    fillSigns(bits, 7, `t${index}`, 0)
    const signs = Array.from({ length }, (_, i) => ((bits[i >>> 5] >>> (i & 31)) & 1 ? 1 : -1))
    const initial = Float32Array.from({ length }, (_, i) => (i % 2 === 0 ? 0.25 : -0.5) * (1 + i / 64))
    return { memory, array: memory.arrays[index], bits, signs, initial }
  })
}

describe('arrays of trained scales', () => {
  it('move by whole numbers along the signs, each by itself', () => {
    const all = arranged()
    for (const { memory, array, bits } of all) {
      memory.move(array, bits, 12_345)
      memory.move(array, bits, -45)
    }
    for (const { array, signs } of all) expect([...array.units]).toEqual(signs.map((sign) => 12_300 * sign))
  })

  it('hold the initial scales, to the bit, where nothing has moved', () => {
    for (const { memory, array, initial } of arranged()) {
      memory.refresh(array, initial)
      expect(array.scales).toEqual(initial)
    }
  })

  it('hold S0 · exp(s · 2^−20) to 3e-7, within e^±16 and either sign', () => {
    for (const { memory, array, initial } of arranged()) {
      array.units.forEach((_, i) => (array.units[i] = Math.round((i / 99 - 0.5) * 2 ** 25)))
      memory.refresh(array, initial)
      array.scales.forEach((scale, i) => {
        const exact = initial[i] * Math.exp(array.units[i] * 2 ** -20)
        expect(Math.abs(scale / exact - 1)).toBeLessThan(3e-7)
      })
    }
  })

  it('end at e^±80 instead of in numbers without meaning', () => {
    const [{ memory, array }] = arranged()
    for (const [units, exact] of [
      [2 ** 31 - 1, Math.exp(80)],
      [-(2 ** 31), Math.exp(-80)],
    ]) {
      array.units[0] = units
      memory.refresh(array, Float32Array.of(1))
      expect(array.scales[0] / exact).toBeCloseTo(1, 5)
    }
  })

  it('are multiplied up where the sign is plus and down elsewhere, and stay as they are', () => {
    for (const { memory, array, bits, signs, initial } of arranged()) {
      memory.refresh(array, initial)
      const probed = memory.probe(0, array, bits, 1.25, 0.75)
      expect([...probed]).toEqual(
        signs.map((sign, i) => initial[i] * (sign === 1 ? 1.25 : 0.75)).map(Math.fround),
      )
      expect(array.scales).toEqual(initial)
    }
  })

  it('go along a table from any place on, and again from there after each period', () => {
    const [period, offset] = [32, 5]
    for (const { memory, array, initial } of arranged()) {
      const { factors, distances } = memory.table
      for (let i = 0; i < tableLength; i++) [factors[i], distances[i]] = [1 + i / 1024, 7 * i - 300]
      memory.refresh(array, initial)
      const probed = memory.probeAlong(0, array, offset, period)
      expect([...probed]).toEqual(
        [...initial].map((scale, i) => scale * (1 + (offset + (i % period)) / 1024)),
      )
      memory.moveAlong(array, offset, period)
      memory.moveAlong(array, offset, period)
      expect([...array.units]).toEqual(Array.from(initial, (_, i) => 2 * (7 * (offset + (i % period)) - 300)))
      expect(array.scales).toEqual(initial)
    }
  })
})
