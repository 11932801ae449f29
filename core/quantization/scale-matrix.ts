import { halfToFloat } from './half-float.js'
import type { Matrix } from './matrix.js'
import type { ScaleFactors } from './scale-factors.js'

/**
 * A matrix with trained factors folded in, rounded to float32: the scales of quantized blocks, or every value of a float
 * matrix. Codes and zero points are shared with `matrix`. A half-float matrix becomes float32, because the product of a
 * half float and a factor is not one.
 *
 * value = factor · (code − zeroPoint) · scale
 */
export function scaleMatrix(matrix: Matrix, factors: ScaleFactors): Matrix {
  const { values } = factors
  if (matrix.kind === 'quantized') {
    const perFactor = matrix.scales.length / values.length
    const scales = matrix.scales.map((scale, block) => scale * values[Math.floor(block / perFactor)])
    return { ...matrix, scales }
  }
  const perFactor = matrix.values.length / values.length
  const scaled = new Float32Array(matrix.values.length)
  for (let index = 0; index < scaled.length; index++) {
    const value = matrix.kind === 'float16' ? halfToFloat(matrix.values[index]) : matrix.values[index]
    scaled[index] = value * values[Math.floor(index / perFactor)]
  }
  return { kind: 'float32', rows: matrix.rows, columns: matrix.columns, values: scaled }
}
