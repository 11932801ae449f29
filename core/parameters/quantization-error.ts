import { dequantizeRow } from '../quantization/dequantize-row.js'
import type { Matrix } from '../quantization/matrix.js'

/** What quantization lost of a matrix, and how much that is beside it. */
export interface QuantizationError {
  /** original − quantized, shape [rows, columns]. */
  readonly difference: Float32Array
  /** Sum of squares of the difference. */
  readonly lost: number
  /** Sum of squares of the original. */
  readonly whole: number
}

/** The difference of two matrices of one shape. */
export function quantizationError(original: Matrix, quantized: Matrix): QuantizationError {
  const { rows, columns } = quantized
  const difference = new Float32Array(rows * columns)
  const [before, after] = [new Float32Array(columns), new Float32Array(columns)]
  let [lost, whole] = [0, 0]
  for (let row = 0; row < rows; row++) {
    dequantizeRow(original, row, before, 0)
    dequantizeRow(quantized, row, after, 0)
    for (let column = 0; column < columns; column++) {
      const error = before[column] - after[column]
      difference[row * columns + column] = error
      lost += error * error
      whole += before[column] * before[column]
    }
  }
  return { difference, lost, whole }
}
