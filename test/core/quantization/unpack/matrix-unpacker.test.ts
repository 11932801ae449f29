import { expect, it } from 'vitest'
import { dequantizeRow } from '../../../../core/quantization/dequantize-row.js'
import type { QuantizedMatrix } from '../../../../core/quantization/matrix.js'
import { MatrixUnpacker } from '../../../../core/quantization/unpack/matrix-unpacker.js'
import { caughtError } from '../../../support/caught-error.js'
import { randomNumbers } from '../../../support/random-numbers.js'

interface Shape {
  readonly bits: 4 | 8
  readonly rows: number
  readonly columns: number
  readonly blockSize: number
  readonly zeroPoints: 'none' | 'whole' | 'fractional'
}

function randomMatrix({ bits, rows, columns, blockSize, zeroPoints }: Shape, seed: number): QuantizedMatrix {
  const random = randomNumbers(seed)
  const blocks = (rows * columns) / blockSize
  const point = { none: () => 0, whole: () => random.below(16), fractional: () => 8 * random.symmetric() }
  return {
    kind: 'quantized',
    ...{ bits, rows, columns, blockSize },
    codes: new Uint8Array((rows * columns * bits) / 8).map(() => random.below(256)),
    scales: new Float32Array(blocks).map(() => random.symmetric()),
    zeroPoints: zeroPoints === 'none' ? null : new Float32Array(blocks).map(point[zeroPoints]),
  }
}

function expected(matrix: QuantizedMatrix): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

const exact: readonly Shape[] = [
  { bits: 4, rows: 5, columns: 96, blockSize: 32, zeroPoints: 'none' },
  { bits: 4, rows: 3, columns: 64, blockSize: 16, zeroPoints: 'whole' },
  { bits: 4, rows: 2, columns: 256, blockSize: 128, zeroPoints: 'whole' },
  { bits: 8, rows: 7, columns: 32, blockSize: 32, zeroPoints: 'none' },
  { bits: 8, rows: 2, columns: 48, blockSize: 16, zeroPoints: 'whole' },
]

it.each(exact)('unpacks $bits bits in blocks of $blockSize, zero points $zeroPoints, to the bit', (shape) => {
  const matrix = randomMatrix(shape, 1)
  expect(new MatrixUnpacker().unpack([matrix])[0]).toEqual(expected(matrix))
})

it('rounds the difference to a fractional zero point as float32 does', () => {
  const matrix = randomMatrix({ bits: 4, rows: 9, columns: 64, blockSize: 32, zeroPoints: 'fractional' }, 2)
  const { zeroPoints, scales } = matrix
  const rounded = expected({ ...matrix, scales: scales.map(() => 1) }).map(
    (difference, index) => Math.fround(difference) * scales[Math.floor(index / 32)],
  )
  expect(zeroPoints?.some((point) => point % 1 !== 0)).toBe(true)
  expect(new MatrixUnpacker().unpack([matrix])[0]).toEqual(rounded)
})

it('unpacks several matrices side by side, and larger ones after smaller ones', () => {
  const unpacker = new MatrixUnpacker()
  unpacker.unpack([randomMatrix(exact[0], 3)])
  const matrices = [...exact, { ...exact[0], rows: 700 }].map((shape, seed) => randomMatrix(shape, seed))
  expect(unpacker.unpack(matrices)).toEqual(matrices.map(expected))
})

it('says that more than 4 GiB cannot be had', () => {
  const matrix = randomMatrix(exact[0], 4)
  const huge = { ...matrix, rows: 2 ** 20, columns: 2 ** 10 }
  const thrown = caughtError(() => new MatrixUnpacker().unpack([huge]))
  expect(thrown).toMatchObject({ code: 'memory-budget-exceeded' })
})
