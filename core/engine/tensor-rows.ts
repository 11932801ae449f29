import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import type { Matrix } from '../quantization/matrix.js'

/** Rows `first` … `end` − 1 of a matrix in a file, as a tensor of its own. */
export function tensorRows(tensor: GgufTensor, first: number, end: number): GgufTensor {
  const [rows, columns] = tensor.shape
  const rowBytes = tensor.byteLength / rows
  return {
    ...tensor,
    name: `${tensor.name}[${first}…${end - 1}]`,
    shape: [end - first, columns],
    offset: tensor.offset + first * rowBytes,
    byteLength: (end - first) * rowBytes,
  }
}

/** Bytes of a matrix in memory. */
export function matrixBytes(matrix: Matrix): number {
  if (matrix.kind !== 'quantized') return matrix.values.byteLength
  const { codes, scales, zeroPoints } = matrix
  return codes.byteLength + scales.byteLength + (zeroPoints?.byteLength ?? 0)
}
