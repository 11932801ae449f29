import type { TensorOutline } from '../formats/gguf/format-header.js'
import { isQuantizedType } from '../formats/gguf/tensor-types.js'
import {
  integerBlockHead,
  integerBlocks,
  isIntegerBlockType,
  type IntegerBlockType,
} from '../formats/integer-blocks.js'
import { EngineError } from '../schema/engine-error.js'
import { dequantizeRow } from './dequantize-row.js'
import { encodeRows, floatFormatOf, type EncodedTensor } from './encode-rows.js'
import { floatToHalf, fitsHalf, halfToFloat } from './half-float.js'
import type { FloatMatrix, Matrix, QuantizedMatrix } from './matrix.js'
import { replaceCodes } from './replace-codes.js'
import { relativeError, unrepresentable } from './stored-number.js'

/**
 * A matrix in the layout of a tensor of a file: the inverse of `readMatrix`. In types whose blocks are those of the matrix,
 * codes stay as they are, and scales, minima and values are rounded once to the type that stores them. Other quantized types
 * are fitted to the matrix' values.
 *
 * @throws EngineError `value-unrepresentable` where a number leaves the range of its type, 'bug' where the type has no room
 *   for what the matrix has
 */
export function encodeMatrix(tensor: TensorOutline, matrix: Matrix): EncodedTensor {
  if (!keepsBlocks(tensor)) {
    return encodeRows(tensor, (row, target) => dequantizeRow(matrix, row, target, 0))
  }
  if (matrix.kind === 'quantized') {
    return isIntegerBlockType(tensor.type)
      ? encodeIntegerBlocks(tensor, tensor.type, matrix)
      : encodeBlocks(tensor, matrix)
  }
  const value = valueAt(matrix)
  return encodeFloats(tensor, matrix.rows * matrix.columns, value)
}

/** A vector in the layout of a tensor of type F32, F16 or BF16. Throws as `encodeMatrix`. */
export function encodeVector(tensor: TensorOutline, values: Float32Array): EncodedTensor {
  return encodeFloats(tensor, values.length, (index) => values[index])
}

function valueAt(matrix: FloatMatrix): (index: number) => number {
  if (matrix.kind === 'float32') return (index) => matrix.values[index]
  return (index) => halfToFloat(matrix.values[index])
}

function encodeFloats(
  tensor: TensorOutline,
  length: number,
  valueOf: (index: number) => number,
): EncodedTensor {
  const format = floatFormatOf(tensor)
  const bytes = new Uint8Array(length * format.byteLength)
  const view = new DataView(bytes.buffer)
  let roundingError = 0
  for (let index = 0; index < length; index++) {
    const value = valueOf(index)
    const position = index * format.byteLength
    if (!format.write(view, position, value))
      throw unrepresentable(tensor, rowOf(tensor, index, length), value)
    roundingError = Math.max(roundingError, relativeError(format.read(view, position), value))
  }
  return { bytes, roundingError }
}

function rowOf({ shape }: TensorOutline, index: number, length: number): number {
  return Math.floor((index * shape[0]) / length)
}

/** Where a quantized type of GGUF has what, in a block of 32 values. */
interface BlockPlan {
  readonly blockBytes: number
  readonly bits: 4 | 8
  readonly hasMinimum: boolean
}

const plans: Readonly<Record<string, BlockPlan | undefined>> = {
  Q4_0: { blockBytes: 18, bits: 4, hasMinimum: false },
  Q4_1: { blockBytes: 20, bits: 4, hasMinimum: true },
  Q8_0: { blockBytes: 34, bits: 8, hasMinimum: false },
}

/** Whether a type's blocks are those of its matrix, so that codes can stay as they are. */
export function keepsBlocks({ type }: TensorOutline): boolean {
  return !isQuantizedType(type) || isIntegerBlockType(type) || plans[type] !== undefined
}

function encodeBlocks(tensor: TensorOutline, matrix: QuantizedMatrix): EncodedTensor {
  const plan = plans[tensor.type]
  const { bits, scales, zeroPoints, codes } = matrix
  if (plan?.bits !== bits || plan.hasMinimum !== (zeroPoints !== null)) {
    throw misfit(tensor, `${bits}-bit codes ${zeroPoints === null ? 'without' : 'with'} zero points`)
  }
  const bytes = new Uint8Array(scales.length * plan.blockBytes)
  let roundingError = 0
  const writeHalf = (position: number, value: number, block: number): void => {
    if (!fitsHalf(value)) throw unrepresentable(tensor, rowOf(tensor, block, scales.length), value)
    const half = floatToHalf(value)
    bytes[position] = half & 255
    bytes[position + 1] = half >> 8
    roundingError = Math.max(roundingError, relativeError(halfToFloat(half), value))
  }
  for (let block = 0; block < scales.length; block++) {
    const start = block * plan.blockBytes
    writeHalf(start, scales[block], block)
    if (zeroPoints !== null) writeHalf(start + 2, -zeroPoints[block] * scales[block], block)
  }
  replaceCodes(tensor, bytes, codes)
  return { bytes, roundingError }
}

/** Scales and zero points are stored in the matrix' own float32. */
function encodeIntegerBlocks(
  tensor: TensorOutline,
  type: IntegerBlockType,
  { bits, blockSize, scales, zeroPoints, codes }: QuantizedMatrix,
): EncodedTensor {
  const blocks = integerBlocks(type)
  const { hasZeroPoints } = blocks
  const isSame =
    blocks.bits === bits && blocks.blockLength === blockSize && hasZeroPoints === (zeroPoints !== null)
  if (!isSame) throw misfit(tensor, `${bits}-bit codes in blocks of ${blockSize}`)
  const head = integerBlockHead(blocks)
  const codeBytes = (blockSize * bits) / 8
  const bytes = new Uint8Array(scales.length * (head + codeBytes))
  const view = new DataView(bytes.buffer)
  scales.forEach((scale, block) => {
    if (!Number.isFinite(scale)) throw unrepresentable(tensor, rowOf(tensor, block, scales.length), scale)
    const start = block * (head + codeBytes)
    view.setFloat32(start, scale, true)
    if (zeroPoints !== null) view.setFloat32(start + 4, zeroPoints[block], true)
  })
  replaceCodes(tensor, bytes, codes)
  return { bytes, roundingError: 0 }
}

function misfit(tensor: TensorOutline, content: string): EngineError {
  return new EngineError(
    'bug',
    {},
    `tensor '${tensor.name}' of type ${tensor.type} has no room for ${content}`,
  )
}
