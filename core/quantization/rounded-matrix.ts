import type { TensorOutline } from '../formats/gguf/format-header.js'
import { dequantizeBlocks } from './dequantize-blocks.js'
import { encodeRows, type Rounding } from './encode-rows.js'
import type { EvenType } from './encoders/even-blocks.js'

/** A matrix of a file, of a type of even blocks. */
export interface EvenTensor extends TensorOutline {
  readonly type: EvenType
}

/** A matrix in the layout of a type, and the values that it has there. */
export interface RoundedMatrix {
  readonly bytes: Uint8Array
  /** Shape [rows, columns]. */
  readonly stored: Float32Array
}

/**
 * A matrix rounded block by block. Throws as `encodeRows`.
 *
 * @param values shape [rows, columns]
 */
export function roundedMatrix(tensor: EvenTensor, values: Float32Array, rounding: Rounding): RoundedMatrix {
  const columns = tensor.shape[1]
  const readRow = (row: number, target: Float32Array): void =>
    target.set(values.subarray(row * columns, (row + 1) * columns))
  const { bytes } = encodeRows(tensor, readRow, rounding)
  const stored = new Float32Array(values.length)
  dequantizeBlocks(tensor.type, bytes, stored)
  return { bytes, stored }
}
