import type { TensorOutline } from '../formats/gguf/format-header.js'
import { isQuantizedType, tensorType } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import { floatFormatOf } from './encode-rows.js'
import { blockLayoutOf } from './layouts/block-layouts.js'
import { float32Format, halfFormat, type NumberFormat } from './number-formats.js'
import { relativeError, unrepresentable } from './stored-number.js'

/** The numbers that carry the size of a type's values: a block's scales, or each value itself. */
interface ScalableLayout {
  readonly blockBytes: number
  /** Where they are in a block. */
  readonly positions: readonly number[]
  readonly format: NumberFormat
}

function layoutOf(tensor: TensorOutline): ScalableLayout {
  const { type } = tensor
  const blockBytes = tensorType(type)?.blockBytes ?? 1
  if (!isQuantizedType(type)) return { blockBytes, positions: [0], format: floatFormatOf(tensor) }
  const { scalePositions: positions, hasFloatScales } = blockLayoutOf(type)
  return { blockBytes, positions, format: hasFloatScales === true ? float32Format() : halfFormat() }
}

/**
 * Whether a type can hold factors without new codes: each of them is for whole blocks of the file. Types with smaller blocks
 * inside, such as Q4_K, hold factors on rows only.
 */
export function canScaleBytes(tensor: TensorOutline, factors: { readonly length: number }): boolean {
  const blockLength = tensorType(tensor.type)?.blockLength ?? 1
  const values = tensor.shape.reduce((product, length) => product * length, 1)
  return Number.isInteger(values / factors.length / blockLength)
}

/**
 * Multiplies a tensor's values by trained factors, in the bytes of the file and in place: the scales of every
 * block, or every value of a float type, each rounded once to the type that stores it. Codes stay as they are.
 *
 * @returns what rounding cost at most: the largest `relativeError`
 * @param bytes data of the whole tensor
 * @param factors shape [rows], or [rows, n] where each factor is for columns / n neighbours (whole blocks)
 * @throws EngineError `value-unrepresentable` where a product leaves the range of its type; `bytes` are then to be dropped
 */
export function scaleTensorBytes(
  tensor: TensorOutline,
  bytes: Uint8Array,
  factors: Float32Array | Float64Array,
): number {
  const { blockBytes, positions, format } = layoutOf(tensor)
  const bytesPerFactor = bytes.byteLength / factors.length
  const factorsPerRow = factors.length / tensor.shape[0]
  if (!canScaleBytes(tensor, factors) || !Number.isInteger(factorsPerRow)) {
    throw misuse(tensor, `${factors.length} factors for shape [${tensor.shape.join(', ')}]`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let largestError = 0
  for (let block = 0; block < bytes.byteLength; block += blockBytes) {
    const index = Math.floor(block / bytesPerFactor)
    for (const place of positions) {
      const position = block + place
      const value = format.read(view, position) * factors[index]
      const fits = format.write(view, position, value)
      if (!fits) throw unrepresentable(tensor, Math.floor(index / factorsPerRow), value)
      largestError = Math.max(largestError, relativeError(format.read(view, position), value))
    }
  }
  return largestError
}

function misuse(tensor: TensorOutline, reason: string): EngineError {
  return new EngineError('bug', {}, `Cannot scale tensor '${tensor.name}': ${reason}`)
}
