import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import {
  isQuantizedType,
  readableTypes,
  tensorType,
  type ReadableType,
} from '../../../core/formats/gguf/tensor-types.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { blockLayoutOf } from '../../../core/quantization/layouts/block-layouts.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { scaleTensorBytes } from '../../../core/quantization/scale-tensor-bytes.js'
import { caughtError } from '../../support/caught-error.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { randomTensorBytes } from '../../support/random-tensor.js'

const rows = 3

/** Two blocks a row; values so large that the half floats of blocks have all their bits. */
function sizesOf(type: ReadableType): { readonly columns: number; readonly magnitude: number } {
  return tensorType(type)?.blockLength === 256
    ? { columns: 512, magnitude: 100 }
    : { columns: 64, magnitude: 0.1 }
}

interface Made {
  readonly tensor: { name: string; type: ReadableType; shape: readonly number[]; byteLength: number }
  readonly bytes: Uint8Array
}

function make(type: ReadableType): Made {
  const { columns, magnitude } = sizesOf(type)
  const bytes = randomTensorBytes(randomNumbers(9), type, rows * columns, { magnitude, center: 0 })
  return { tensor: { name: 'w', type, shape: [rows, columns], byteLength: bytes.byteLength }, bytes }
}

function valuesOf({ tensor, bytes }: Made): Float32Array {
  const { columns } = sizesOf(tensor.type)
  const matrix = readMatrix(bytesSource(bytes, 'made'), { ...tensor, offset: 0 })
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) dequantizeRow(matrix, row, values, row * columns)
  return values
}

describe.each(readableTypes)('in a tensor of type %s', (type) => {
  const { columns, magnitude } = sizesOf(type)
  const hasMinima = isQuantizedType(type) && blockLayoutOf(type).hasMinima

  it('powers of two scale every row or block exactly', () => {
    for (const factors of [
      [2, 0.5, -1],
      [2, 0.5, 1, -4, 0.25, 8],
    ]) {
      const before = make(type)
      const after = make(type)
      scaleTensorBytes(after.tensor, after.bytes, Float64Array.from(factors))
      const each = (rows * columns) / factors.length
      const expected = valuesOf(before).map((value, index) => value * factors[Math.floor(index / each)])
      expect([...valuesOf(after)]).toEqual([...expected])
    }
  })

  it('other factors are rounded once to the stored type', () => {
    const before = make(type)
    const after = make(type)
    scaleTensorBytes(after.tensor, after.bytes, Float64Array.of(1.01, 0.97, 1.3))
    const expected = valuesOf(before)
    // Half a spacing, relative to the value; with minima to the code times the scale and the minimum together.
    const tolerance = type === 'BF16' ? 2 ** -8 : type === 'F32' ? 2 ** -24 : 2 ** -11
    valuesOf(after).forEach((value, index) => {
      const factor = [1.01, 0.97, 1.3][Math.floor(index / columns)]
      const size = hasMinima ? 4 * magnitude : Math.abs(expected[index]) * factor
      expect(Math.abs(value - expected[index] * factor)).toBeLessThanOrEqual(tolerance * size + 1e-9)
    })
  })

  it('a factor of 1 changes no byte', () => {
    const before = make(type)
    const after = make(type)
    scaleTensorBytes(after.tensor, after.bytes, Float32Array.of(1, 1, 1))
    expect(after.bytes).toEqual(before.bytes)
  })

  it('a product beyond the type is reported with its row', () => {
    const { tensor, bytes } = make(type)
    const error = caughtError(() => scaleTensorBytes(tensor, bytes, Float64Array.of(1, 1e42, 1)))
    expect(error.code).toBe('value-unrepresentable')
    expect(error.message).toMatch(`in row 1 of tensor 'w' is beyond the range of type ${type}`)
  })
})

it('reaches the largest half float, and no further', () => {
  const tensor = { name: 'w', type: 'F16', shape: [1, 1], byteLength: 2 }
  const bytes = Uint8Array.of(0x00, 0x3c)
  scaleTensorBytes(tensor, bytes, Float64Array.of(65_519))
  expect([...bytes]).toEqual([0xff, 0x7b])
  const error = caughtError(() =>
    scaleTensorBytes(tensor, Uint8Array.of(0x00, 0x3c), Float64Array.of(65_520)),
  )
  expect(error.details).toEqual({ where: "row 0 of tensor 'w'", value: 65_520 })
})

it('rounds bfloat16 to even', () => {
  const tensor = { name: 'w', type: 'BF16', shape: [2, 1], byteLength: 4 }
  const bytes = Uint8Array.of(0x80, 0x3f, 0x80, 0x3f)
  scaleTensorBytes(tensor, bytes, Float64Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8))
  expect([...bytes]).toEqual([0x80, 0x3f, 0x82, 0x3f])
})

it('refuses factors that do not divide the rows into whole blocks', () => {
  const { tensor, bytes } = make('Q4_0')
  for (const count of [2, 5, 12]) {
    expect(caughtError(() => scaleTensorBytes(tensor, bytes, new Float32Array(count))).code).toBe('bug')
  }
})
