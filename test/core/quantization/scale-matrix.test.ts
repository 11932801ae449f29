import { expect, it } from 'vitest'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { floatToHalf } from '../../../core/quantization/half-float.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { scaleMatrix } from '../../../core/quantization/scale-matrix.js'

const rows = 2
const columns = 64

const matrices: readonly Matrix[] = [
  {
    kind: 'quantized',
    rows,
    columns,
    bits: 4,
    blockSize: 32,
    codes: Uint8Array.from({ length: 64 }, (_, index) => index * 37),
    scales: Float32Array.of(0.5, 0.25, 1, 2),
    zeroPoints: Float32Array.of(7, 8.5, 3, 0),
  },
  {
    kind: 'quantized',
    rows,
    columns,
    bits: 8,
    blockSize: 32,
    codes: Uint8Array.from({ length: 128 }, (_, index) => index * 91),
    scales: Float32Array.of(0.5, 0.25, 1, 2),
    zeroPoints: null,
  },
  { kind: 'float32', rows, columns, values: Float32Array.from({ length: 128 }, (_, index) => index / 8) },
  {
    kind: 'float16',
    rows,
    columns,
    values: Uint16Array.from({ length: 128 }, (_, index) => floatToHalf(index / 8)),
  },
]

function valuesOf(matrix: Matrix): number[] {
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) dequantizeRow(matrix, row, values, row * columns)
  return [...values]
}

it.each(matrices)('multiplies rows and blocks of a $kind matrix, exactly for powers of two', (matrix) => {
  const before = valuesOf(matrix)
  const byRow = scaleMatrix(matrix, { shape: 'rows', values: Float64Array.of(2, 0.5) })
  expect(valuesOf(byRow)).toEqual(before.map((value, index) => value * (index < columns ? 2 : 0.5)))
  const factors = [4, 1, -2, 0.125]
  const byBlock = scaleMatrix(matrix, { shape: 'blocks', values: Float64Array.from(factors) })
  expect(valuesOf(byBlock)).toEqual(before.map((value, index) => value * factors[Math.floor(index / 32)]))
  expect(valuesOf(matrix)).toEqual(before)
})
