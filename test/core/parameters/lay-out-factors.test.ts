import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReusedBuffer } from '../../../core/engine/reused-buffer.js'
import { layOutFactors, type FactorProbe, type RowSigns } from '../../../core/parameters/lay-out-factors.js'
import { fillSigns, signWordCount } from '../../../core/random/directions.js'

describe('laying out factors', () => {
  it('raises a factor where its row goes up in that element and lowers it elsewhere', () => {
    const scratch = new ReusedBuffer()
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom(1, 2, 32),
        fc.array(fc.record({ lane: fc.nat(5), sign: fc.constantFrom<1 | -1>(1, -1) }), {
          minLength: 1,
          maxLength: 5,
        }),
        (count, spread, lanes) => {
          const rows = lanes.map(({ lane, sign }): RowSigns => {
            const words = new Uint32Array(signWordCount(count))
            fillSigns(words, 3, 'tensor', lane)
            return { words, sign }
          })
          const probe: FactorProbe = {
            factors: Float32Array.from({ length: count }, (_, i) => 1 + i / 1000),
            up: 1.03,
            down: 0.97,
            spread,
          }
          const laidOut = new Float32Array(rows.length * count * spread)
          layOutFactors(laidOut, probe, rows, scratch)
          expect(laidOut).toEqual(Float32Array.from(rows.flatMap((row) => onePerElement(probe, row))))
        },
      ),
      { seed: 1, numRuns: 200 },
    )
  })
})

function onePerElement({ factors, up, down, spread }: FactorProbe, { words, sign }: RowSigns): number[] {
  return [...factors].flatMap((factor, i) => {
    const bit = (words[Math.floor(i / 32)] >>> (i % 32)) & 1
    const isUp = (bit === 1) === (sign === 1)
    return new Array<number>(spread).fill(factor * (isUp ? up : down))
  })
}
