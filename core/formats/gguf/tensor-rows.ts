import { sparseRows } from '../sparse-values.js'
import type { GgufTensor } from './gguf-file.js'

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
    ...(tensor.outliers && { outliers: sparseRows(tensor.outliers, columns, first, end) }),
  }
}
