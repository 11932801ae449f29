import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import type { Matrix } from '../quantization/matrix.js'

/** Bytes of a matrix in memory, outliers aside: some rows have more than others. */
export function matrixBytes(matrix: Matrix): number {
  if (matrix.kind !== 'quantized') return matrix.values.byteLength
  const { codes, scales, zeroPoints } = matrix
  return codes.byteLength + scales.byteLength + (zeroPoints?.byteLength ?? 0)
}

/** Bytes of a tensor's outliers in memory: positions, values, and values beside their scales. */
export function outlierBytes({ outliers }: GgufTensor): number {
  return 12 * (outliers?.positions.length ?? 0)
}
