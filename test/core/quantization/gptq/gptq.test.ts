import { describe, expect, it } from 'vitest'
import { tensorType } from '../../../../core/formats/gguf/tensor-types.js'
import { dequantizeBlocks } from '../../../../core/quantization/dequantize-blocks.js'
import { encodeRows, type Rounding } from '../../../../core/quantization/encode-rows.js'
import { evenBlocks, isEvenType, type EvenType } from '../../../../core/quantization/encoders/even-blocks.js'
import { gptq, narrowerGrids } from '../../../../core/quantization/gptq/gptq.js'
import { fitBlock } from '../../../../core/quantization/fit-block.js'
import { inverseFactor } from '../../../../core/quantization/gptq/inverse-factor.js'
import { correlatedInputs, momentsOf, outputError } from '../../../support/linear-inputs.js'
import { randomNumbers } from '../../../support/random-numbers.js'

const types = Object.keys(evenBlocks).filter(isEvenType)
const [rows, columns] = [24, 320]

function randomMatrix(seed: number): Float32Array {
  const random = randomNumbers(seed)
  return new Float32Array(rows * columns).map(() => random.symmetric() + random.symmetric())
}

function identity(size: number): Float32Array {
  return new Float32Array(size * size).map((_, at) => (at % (size + 1) === 0 ? 1 : 0))
}

function rounded(values: Float32Array, type: EvenType, rounding: Rounding): Uint8Array {
  const { blockBytes = 0 } = tensorType(type) ?? {}
  const tensor = { name: 'w', type, shape: [rows, columns], byteLength: (values.length / 32) * blockBytes }
  const readRow = (row: number, target: Float32Array): void =>
    target.set(values.subarray(row * columns, (row + 1) * columns))
  return encodeRows(tensor, readRow, rounding).bytes
}

/** Every block rounded by itself, on the grids that GPTQ searches. */
function roundedAlone(values: Float32Array, type: EvenType): Uint8Array {
  const { range, put } = evenBlocks[type]
  const { blockBytes = 0 } = tensorType(type) ?? {}
  const bytes = new Uint8Array((values.length / 32) * blockBytes)
  for (let block = 0; block < values.length / 32; block++) {
    const ofBlock = values.subarray(32 * block, 32 * block + 32)
    put(fitBlock(ofBlock, range, narrowerGrids(ofBlock, range)), bytes, block * blockBytes)
  }
  return bytes
}

function valuesOf(bytes: Uint8Array, type: EvenType): Float32Array {
  const values = new Float32Array(rows * columns)
  dequantizeBlocks(type, bytes, values)
  return values
}

describe.each(types)('GPTQ to %s', (type) => {
  it('says the values that its bytes have', () => {
    const moments = momentsOf(correlatedInputs(columns, 600, 3), columns)
    const { bytes, stored } = gptq(randomMatrix(1), columns, inverseFactor(moments, columns), type)
    // 0 times a negative scale is −0.
    expect(stored).toEqual(valuesOf(bytes, type).map((value) => value + 0))
  })

  it('rounds block by block where inputs have nothing in common', () => {
    const values = randomMatrix(2)
    const { bytes } = gptq(values, columns, inverseFactor(identity(columns), columns), type)
    expect(bytes).toEqual(roundedAlone(values, type))
  })

  it('changes outputs less than rounding that does not know the inputs', () => {
    const values = randomMatrix(4)
    const moments = momentsOf(correlatedInputs(columns, 600, 5), columns)
    const { stored } = gptq(values, columns, inverseFactor(moments, columns), type)
    const known = outputError(stored, values, moments, columns)
    for (const rounding of ['nearest', 'search'] as const) {
      const plain = outputError(valuesOf(rounded(values, type, rounding), type), values, moments, columns)
      expect(known).toBeLessThan(0.5 * plain)
    }
  })

  it('rounds what an input that is always 0 meets as if it were alone', () => {
    const values = randomMatrix(6)
    const inputs = correlatedInputs(columns, 600, 7)
    for (let at = 0; at < inputs.length; at++) if (at % columns < 32) inputs[at] = 0
    const factor = inverseFactor(momentsOf(inputs, columns), columns)
    const { bytes, stored } = gptq(values, columns, factor, type)
    expect(stored.every(Number.isFinite)).toBe(true)
    const { blockBytes = 0 } = tensorType(type) ?? {}
    expect(bytes.slice(0, blockBytes)).toEqual(roundedAlone(values, type).slice(0, blockBytes))
  })
})

it('fits a grid by what errors cost', () => {
  // The first value costs nearly nothing, so the grid is that of the others, multiples of a quarter up to 2.
  const values = new Float32Array(32).map((_, at) => ((at % 16) - 7) / 4)
  values[0] = 2.5
  const factor = new Float64Array(32 * 32).map((_, at) => (at % 33 === 0 ? 1 : 0))
  factor[0] = 1e4
  const { stored } = gptq(values, 32, factor, 'Q4_0')
  expect([...stored.subarray(1)]).toEqual([...values.subarray(1)])
})

it('makes up for the error of a weight in the next one, to the number', () => {
  // H = [[1, r], [r, 1]] without damping: H⁻¹ = Uᵀ U with U[0, 1] / U[0, 0] = −r, so the next weight gains r times the error.
  const values = new Float32Array(32)
  values.set([0.3, 0.45, 7, -8])
  const factor = new Float64Array(32 * 32).map((_, at) => (at % 33 === 0 ? 1 : 0))
  const r = 0.9
  factor[0] = 1 / Math.sqrt(1 - r * r)
  factor[1] = -r * factor[0]
  const { stored } = gptq(values, 32, factor, 'Q4_0')
  // The grid of −8 is 1 apart: 0.3 goes to 0, its error makes 0.72 of 0.45, and that goes to 1.
  expect([...stored.subarray(0, 4)]).toEqual([0, 1, 7, -8])
})
