import { sparseRows } from '../formats/sparse-values.js'
import type { CodeTableName } from '../schema/code-table.js'
import { codeTable } from './code-tables/code-table.js'
import { halfToFloat } from './half-float.js'
import type { Matrix, QuantizedMatrix } from './matrix.js'

/**
 * Writes the float values of one row of a matrix to `target[offset … offset + columns)`.
 *
 * value = (code − zeroPoint) · scale, with the code's block's scale and zero point; or (table[code] + outlier) · scale
 */
export function dequantizeRow(matrix: Matrix, row: number, target: Float32Array, offset: number): void {
  const first = row * matrix.columns
  switch (matrix.kind) {
    case 'quantized':
      if (matrix.table !== undefined) lookUp(matrix, matrix.table, row, target, offset)
      else if (matrix.bits === 4) dequantizeNibbles(matrix, row, target, offset)
      else dequantizeBytes(matrix, row, target, offset)
      break
    case 'float32':
      target.set(matrix.values.subarray(first, first + matrix.columns), offset)
      break
    case 'float16':
      for (let column = 0; column < matrix.columns; column++) {
        target[offset + column] = halfToFloat(matrix.values[first + column])
      }
  }
}

function dequantizeNibbles(matrix: QuantizedMatrix, row: number, target: Float32Array, offset: number): void {
  const { codes, scales, zeroPoints, blockSize, columns } = matrix
  const blocks = columns / blockSize
  for (let block = 0; block < blocks; block++) {
    const scale = scales[row * blocks + block]
    const zeroPoint = zeroPoints ? zeroPoints[row * blocks + block] : 8
    const firstByte = ((row * blocks + block) * blockSize) / 2
    const first = offset + block * blockSize
    for (let byte = 0; byte < blockSize / 2; byte++) {
      const pair = codes[firstByte + byte]
      target[first + 2 * byte] = ((pair & 15) - zeroPoint) * scale
      target[first + 2 * byte + 1] = ((pair >> 4) - zeroPoint) * scale
    }
  }
}

function dequantizeBytes(matrix: QuantizedMatrix, row: number, target: Float32Array, offset: number): void {
  const { codes, scales, zeroPoints, blockSize, columns } = matrix
  const blocks = columns / blockSize
  for (let column = 0; column < columns; column++) {
    const block = row * blocks + Math.floor(column / blockSize)
    const zeroPoint = zeroPoints ? zeroPoints[block] : 128
    target[offset + column] = (codes[row * columns + column] - zeroPoint) * scales[block]
  }
}

function lookUp(
  { codes, scales, blockSize, columns, outliers }: QuantizedMatrix,
  table: CodeTableName,
  row: number,
  target: Float32Array,
  offset: number,
): void {
  const levels = codeTable(table, blockSize)
  for (let column = 0; column < columns; column++) {
    const index = row * columns + column
    const code = (codes[index >> 1] >> (4 * (index & 1))) & 15
    target[offset + column] = levels[code] * scales[Math.floor(index / blockSize)]
  }
  if (outliers === undefined) return
  const { positions, values } = sparseRows(outliers, columns, row, row + 1)
  positions.forEach((column, i) => {
    target[offset + column] = values[i] * scales[Math.floor((row * columns + column) / blockSize)]
  })
}
