import { describe, expect, it } from 'vitest'
import { integerBlockType } from '../../../core/formats/integer-blocks.js'
import { dequantizeBlocks } from '../../../core/quantization/dequantize-blocks.js'
import { tableBlockLengths } from '../../../core/formats/table-blocks.js'
import {
  blocksOfIntegers,
  integerBits,
  integerGrids,
  quantizeToIntegers,
  type IntegerQuantizer,
} from '../../../core/quantization/integer-quantizer.js'
import { randomNumbers } from '../../support/random-numbers.js'

const [rows, columns] = [4, 128]

function stored(weights: Float32Array, quantizer: IntegerQuantizer): Float32Array {
  const read = (row: number, target: Float32Array): void =>
    target.set(weights.subarray(row * columns, (row + 1) * columns))
  const { bytes } = quantizeToIntegers('w', [rows, columns], read, quantizer)
  const values = new Float32Array(rows * columns)
  dequantizeBlocks(integerBlockType(blocksOfIntegers(quantizer)), bytes, values)
  return values
}

function squaredError(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0)
}

const random = randomNumbers(5)
/** Uniform in −1 … 1, so that the step of a grid says the error. */
const weights = new Float32Array(rows * columns).map(() => random.symmetric())
const all = integerBits.flatMap((bits) =>
  tableBlockLengths.flatMap((blockLength) => integerGrids.map((grid) => ({ bits, blockLength, grid }))),
)

describe('integers in blocks', () => {
  it.each(all)(
    'of $bits bits, $blockLength together, $grid, have few values and the error of their step',
    (blocks) => {
      const { bits, blockLength, grid } = blocks
      const nearest = stored(weights, { ...blocks, rounding: 'nearest' })
      const searched = stored(weights, { ...blocks, rounding: 'search' })
      const levels = 2 ** bits - (grid === 'symmetric' ? 1 : 0)
      for (let start = 0; start < weights.length; start += blockLength) {
        const inBlock = weights.subarray(start, start + blockLength)
        const [found, best] = [nearest, searched].map((values) => values.subarray(start, start + blockLength))
        expect(new Set(found).size).toBeLessThanOrEqual(levels)
        expect(squaredError(inBlock, best)).toBeLessThanOrEqual(squaredError(inBlock, found) * (1 + 1e-4))
        // Half a step, of a grid over at most −1 … 1 or as far on both sides; a signed one ends a step before its other side.
        const step = 2 / (levels - 1)
        const furthest = grid === 'signed' ? 1.001 * (2 / levels) : (1.001 * step) / 2
        inBlock.forEach((value, i) => expect(Math.abs(value - found[i])).toBeLessThan(furthest + 1e-3))
      }
    },
  )

  it('have the closed forms of their grids', () => {
    const block = new Float32Array(rows * columns)
    block.set([-1, 0.3, 0.5, 0.75])
    const of = (grid: IntegerQuantizer['grid'], bits: 2 | 3): number[] => [
      ...stored(block, { bits, blockLength: 16, grid, rounding: 'nearest' }).subarray(0, 4),
    ]
    // Thirds of 1; quarters of 1 from −1 to 0.75; sevenths of the range.
    expect(of('symmetric', 3).map((value) => Math.round(value * 3))).toEqual([-3, 1, 2, 2])
    expect(of('signed', 3)).toEqual([-1, 0.25, 0.5, 0.75])
    expect(of('signed', 2)).toEqual([-1, 0.5, 0.5, 0.5])
    expect(of('asymmetric', 3).map((value) => Math.round(value * 4))).toEqual([-4, 1, 2, 3])
  })

  it.each(integerGrids)('keep blocks of one value, %s', (grid) => {
    const constant = new Float32Array(rows * columns).fill(0.5)
    const values = stored(constant, { bits: 4, blockLength: 32, grid, rounding: 'search' })
    const size = grid === 'symmetric' ? 3e-4 : 0
    values.forEach((value) => expect(Math.abs(value - 0.5)).toBeLessThanOrEqual(size))
    expect(
      stored(new Float32Array(rows * columns), { bits: 8, blockLength: 16, grid, rounding: 'nearest' }),
    ).toEqual(new Float32Array(rows * columns))
  })
})
