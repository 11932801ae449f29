import type { SparseValues } from '../formats/sparse-values.js'
import type { CodeTableName } from '../schema/code-table.js'

/**
 * A weight matrix in the layout that MatMulNBits takes: value = (code − zeroPoint) · scale. With a table, which that operator
 * has not, value = (table[code] + outlier) · scale.
 *
 * `codes` has shape [rows, columns / blockSize, blockSize · bits / 8]; two 4-bit codes a byte, neighbours together,
 * low nibble first. `scales` and `zeroPoints` have shape [rows, columns / blockSize].
 */
export interface QuantizedMatrix {
  readonly kind: 'quantized'
  readonly rows: number
  readonly columns: number
  readonly bits: 4 | 8
  readonly blockSize: number
  readonly codes: Uint8Array
  readonly scales: Float32Array
  /** Null where every zero point is the middle of the range, 2^(bits − 1). */
  readonly zeroPoints: Float32Array | null
  /** What 4-bit codes are looked up in (`codeTable`); then there are no zero points. */
  readonly table?: CodeTableName
  /** Beside a table: weights whose codes say 0, divided by the scale of their block, so that it multiplies them too. */
  readonly outliers?: SparseValues
}

/** A weight matrix kept in floats, shape [rows, columns]. `values` of an F16 matrix are the raw half floats. */
export type FloatMatrix =
  | {
      readonly kind: 'float32'
      readonly rows: number
      readonly columns: number
      readonly values: Float32Array
    }
  | {
      readonly kind: 'float16'
      readonly rows: number
      readonly columns: number
      readonly values: Uint16Array
    }

export type Matrix = QuantizedMatrix | FloatMatrix
