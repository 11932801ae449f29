import type { TensorOutline } from '../formats/gguf/format-header.js'
import { isReadableType, type ReadableType } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import { bfloatFormat, float32Format, halfFormat, type NumberFormat } from './number-formats.js'
import { relativeError, unrepresentable } from './stored-number.js'

/** Where a type keeps the numbers that carry its values' size: a block's scale and minimum, or each value itself. */
interface ScalableLayout {
  readonly blockBytes: number
  /** Numbers at the start of a block, one after the other. */
  readonly numbers: number
  readonly format: () => NumberFormat
}

const layouts: Readonly<Record<ReadableType, ScalableLayout>> = {
  Q4_0: { blockBytes: 18, numbers: 1, format: halfFormat },
  Q4_1: { blockBytes: 20, numbers: 2, format: halfFormat },
  Q8_0: { blockBytes: 34, numbers: 1, format: halfFormat },
  F16: { blockBytes: 2, numbers: 1, format: halfFormat },
  BF16: { blockBytes: 2, numbers: 1, format: bfloatFormat },
  F32: { blockBytes: 4, numbers: 1, format: float32Format },
}

/**
 * Multiplies a tensor's values by trained factors, in the bytes of the file and in place: the scale and minimum of every
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
  if (!isReadableType(tensor.type)) throw misuse(tensor, `type ${tensor.type} has no known scales`)
  const { blockBytes, numbers, format: formatOfType } = layouts[tensor.type]
  const bytesPerFactor = bytes.byteLength / factors.length
  const factorsPerRow = factors.length / tensor.shape[0]
  if (!Number.isInteger(bytesPerFactor / blockBytes) || !Number.isInteger(factorsPerRow)) {
    throw misuse(tensor, `${factors.length} factors for shape [${tensor.shape.join(', ')}]`)
  }
  const format = formatOfType()
  const numberBytes = numbers * format.byteLength
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let largestError = 0
  for (let block = 0; block < bytes.byteLength; block += blockBytes) {
    const index = Math.floor(block / bytesPerFactor)
    for (let position = block; position < block + numberBytes; position += format.byteLength) {
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
