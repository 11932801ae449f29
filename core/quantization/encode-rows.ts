import type { TensorOutline } from '../formats/gguf/format-header.js'
import {
  isGgufQuantizedType,
  isQuantizedType,
  tensorType,
  type BlockType,
  type QuantizedType,
} from '../formats/gguf/tensor-types.js'
import { isTableBlockType, type TableBlockType } from '../formats/table-blocks.js'
import { EngineError } from '../schema/engine-error.js'
import { dequantizeBlocks } from './dequantize-blocks.js'
import type { EncodeBlock } from './encoders/block-encoder.js'
import { blockEncoders } from './encoders/block-encoders.js'
import { nearestEncoders } from './encoders/nearest-blocks.js'
import { tableBlockEncoder } from './encoders/table-blocks.js'
import { bfloatFormat, float32Format, halfFormat, type NumberFormat } from './number-formats.js'
import { relativeError, rowError, unrepresentable } from './stored-number.js'

/** The data of a tensor, and the largest relative error of a number in it (see `relativeError`). */
export interface EncodedTensor {
  readonly bytes: Uint8Array
  readonly roundingError: number
}

/** Writes a row of a matrix to the beginning of `target`. */
export type ReadRow = (row: number, target: Float32Array) => void

/** How blocks are found: by a search for the least squared error, or as the nearest codes on the grid of the furthest value. */
export const roundings = ['search', 'nearest'] as const
export type Rounding = (typeof roundings)[number]

/** Whether a type can be rounded so. Floats are always nearest; types with blocks inside blocks have no other way than a search. */
export function canRound(type: string, rounding: Rounding): boolean {
  if (rounding === 'search' || !isQuantizedType(type)) return true
  return isGgufQuantizedType(type) && nearestEncoders[type] !== undefined
}

/**
 * A matrix, or a vector as one row, of floats in the layout of a tensor of a file: quantized types are fitted block by block, in least
 * squares unless `rounding` says otherwise.
 *
 * The error of quantized types is that of a value, relative to the largest of its row.
 *
 * @throws EngineError `value-unrepresentable` where a number leaves the range of its type, 'bug' for a type that is not readable
 */
export function encodeRows(
  tensor: TensorOutline,
  readRow: ReadRow,
  rounding: Rounding = 'search',
): EncodedTensor {
  return encodeEachRow(tensor, readRow, rowEncoder(tensor, rowShape(tensor).columns, rounding))
}

/** A matrix of floats in blocks of a type, each found as `encode` says. Throws as `encodeRows`. */
export function encodeBlocksBy(
  tensor: TensorOutline,
  type: BlockType,
  readRow: ReadRow,
  encode: EncodeBlock,
): EncodedTensor {
  return encodeEachRow(tensor, readRow, blocksEncoder(tensor, type, rowShape(tensor).columns, encode))
}

function encodeEachRow(tensor: TensorOutline, readRow: ReadRow, encodeRow: EncodeRow): EncodedTensor {
  const { rows, columns } = rowShape(tensor)
  const bytes = new Uint8Array(tensor.byteLength)
  const values = new Float32Array(columns)
  const rowBytes = tensor.byteLength / rows
  let roundingError = 0
  for (let row = 0; row < rows; row++) {
    readRow(row, values)
    const error = encodeRow(values, bytes.subarray(row * rowBytes, (row + 1) * rowBytes), row)
    roundingError = Math.max(roundingError, error)
  }
  return { bytes, roundingError }
}

/** Rows and columns of a matrix; a vector is one row. */
export function rowShape({ shape }: TensorOutline): { readonly rows: number; readonly columns: number } {
  const columns = shape[shape.length - 1]
  return { rows: shape.reduce((product, length) => product * length, 1) / columns, columns }
}

type EncodeRow = (values: Float32Array, target: Uint8Array, row: number) => number

function rowEncoder(tensor: TensorOutline, columns: number, rounding: Rounding): EncodeRow {
  const { type } = tensor
  if (isGgufQuantizedType(type) || isTableBlockType(type))
    return blocksEncoder(tensor, type, columns, encoderOf(type, rounding))
  const format = floatFormatOf(tensor)
  return (values, target, row) => {
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
    let largestError = 0
    values.forEach((value, column) => {
      const position = column * format.byteLength
      if (!format.write(view, position, value)) throw unrepresentable(tensor, row, value)
      largestError = Math.max(largestError, relativeError(format.read(view, position), value))
    })
    return largestError
  }
}

function encoderOf(type: QuantizedType | TableBlockType, rounding: Rounding): EncodeBlock {
  if (isTableBlockType(type)) return tableBlockEncoder(type)
  return (rounding === 'nearest' ? nearestEncoders[type] : undefined) ?? blockEncoders[type]
}

function blocksEncoder(
  tensor: TensorOutline,
  type: BlockType,
  columns: number,
  encode: EncodeBlock,
): EncodeRow {
  const { blockBytes = 1, blockLength = 1 } = tensorType(type) ?? {}
  const stored = new Float32Array(columns)
  return (values, target, row) => {
    for (let start = 0, block = 0; start < columns; start += blockLength, block++) {
      encode(values.subarray(start, start + blockLength), target, block * blockBytes)
    }
    dequantizeBlocks(type, target, stored)
    return rowError(tensor, row, values, stored)
  }
}

/** How a float type stores its numbers. Throws 'bug' for another type. */
export function floatFormatOf(tensor: TensorOutline): NumberFormat {
  switch (tensor.type) {
    case 'F16':
      return halfFormat()
    case 'BF16':
      return bfloatFormat()
    case 'F32':
      return float32Format()
    default:
      throw new EngineError(
        'bug',
        {},
        `tensor '${tensor.name}' of type ${tensor.type} has no room for floats`,
      )
  }
}
