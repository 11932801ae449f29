import type { Matrix } from '../quantization/matrix.js'

/** Bytes of a matrix in memory. */
export function matrixBytes(matrix: Matrix): number {
  if (matrix.kind !== 'quantized') return matrix.values.byteLength
  const { codes, scales, zeroPoints } = matrix
  return codes.byteLength + scales.byteLength + (zeroPoints?.byteLength ?? 0)
}
