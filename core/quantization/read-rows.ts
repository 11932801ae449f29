import type { ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { isQuantizedType } from '../formats/gguf/tensor-types.js'
import { sparseRows, type SparseValues } from '../formats/sparse-values.js'
import { dequantizeBlocks } from './dequantize-blocks.js'
import { rowShape, type ReadRow } from './encode-rows.js'
import { readFloats } from './read-floats.js'
import { malformedTensor } from './tensor-errors.js'

/**
 * The rows of a matrix, or a vector, in a file as floats, one in memory at a time. Values of quantized types are ggml's, bit for bit.
 *
 * @throws EngineError `model-malformed` for NaN or infinite values, `model-unsupported` for another type, when a row is read
 */
export function readRows(source: ByteSource, tensor: GgufTensor): ReadRow {
  const { rows, columns } = rowShape(tensor)
  const rowBytes = tensor.byteLength / rows
  const { type } = tensor
  const ofRow = (row: number): GgufTensor => ({
    ...tensor,
    shape: [columns],
    offset: tensor.offset + row * rowBytes,
    byteLength: rowBytes,
  })
  if (!isQuantizedType(type)) return (row, target) => target.set(readFloats(source, ofRow(row)))
  const bytes = new Uint8Array(rowBytes)
  return (row, target) => {
    source.readInto(tensor.offset + row * rowBytes, bytes)
    dequantizeBlocks(type, bytes, target)
    if (tensor.outliers !== undefined) putOutliers(tensor.outliers, columns, row, target)
    if (target.every((value) => Number.isFinite(value))) return
    throw malformedTensor(source.path, tensor, `expected finite values, found NaN or infinity in row ${row}`)
  }
}

function putOutliers(outliers: SparseValues, columns: number, row: number, target: Float32Array): void {
  const { positions, values } = sparseRows(outliers, columns, row, row + 1)
  positions.forEach((column, i) => (target[column] = values[i]))
}
