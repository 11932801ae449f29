import type { TensorOutline } from '../formats/gguf/format-header.js'
import { isReadableType, type ReadableType } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import { bfloatFormat, float32Format, halfFormat, type NumberFormat } from './number-formats.js'

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
 * @param bytes data of the whole tensor
 * @param factors shape [rows], or [rows, n] where each factor is for columns / n neighbours (whole blocks)
 * @throws EngineError `value-unrepresentable` where a product leaves the range of its type; `bytes` are then to be dropped
 */
export function scaleTensorBytes(
  tensor: TensorOutline,
  bytes: Uint8Array,
  factors: Float32Array | Float64Array,
): void {
  if (!isReadableType(tensor.type)) throw misuse(tensor, `type ${tensor.type} has no known scales`)
  const { blockBytes, numbers, format } = layouts[tensor.type]
  const bytesPerFactor = bytes.byteLength / factors.length
  const factorsPerRow = factors.length / tensor.shape[0]
  if (!Number.isInteger(bytesPerFactor / blockBytes) || !Number.isInteger(factorsPerRow)) {
    throw misuse(tensor, `${factors.length} factors for shape [${tensor.shape.join(', ')}]`)
  }
  const scale = scalerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), format())
  for (let index = 0; index < factors.length; index++) {
    const end = (index + 1) * bytesPerFactor
    for (let block = index * bytesPerFactor; block < end; block += blockBytes) {
      const wrong = scale(block, numbers, factors[index])
      if (wrong !== null) throw unrepresentable(tensor, Math.floor(index / factorsPerRow), wrong)
    }
  }
}

/** Scales `count` numbers from `start` on. Returns the first product that does not fit the format, or null. */
type Scaler = (start: number, count: number, factor: number) => number | null

function scalerOf(view: DataView, format: NumberFormat): Scaler {
  return (start, count, factor) => {
    for (let position = start; position < start + count * format.byteLength; position += format.byteLength) {
      const value = format.read(view, position) * factor
      if (!format.write(view, position, value)) return value
    }
    return null
  }
}

function unrepresentable(tensor: TensorOutline, row: number, value: number): EngineError {
  const where = `row ${row} of tensor '${tensor.name}'`
  const message = `The trained value ${value} in ${where} is beyond the range of type ${tensor.type}`
  return new EngineError('value-unrepresentable', { where, value }, message)
}

function misuse(tensor: TensorOutline, reason: string): EngineError {
  return new EngineError('bug', {}, `Cannot scale tensor '${tensor.name}': ${reason}`)
}
