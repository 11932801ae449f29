import type { SparseValues } from '../../formats/sparse-values.js'
import type { SafeTensorOutline } from '../../formats/safetensors/write-safetensors.js'
import type { EncodedTensor, ReadRow } from '../../quantization/encode-rows.js'

/** A linear as blocks of the type that its folder is read as, and what is kept beside them. */
export interface QuantizedLinear extends EncodedTensor {
  readonly outliers?: SparseValues | null
}

/** One of the tensors that a quantized linear is written as, and its data. */
export interface LinearPart extends SafeTensorOutline {
  readonly bytesOf: (linear: QuantizedLinear) => Uint8Array
}

/** How the linears of a folder are quantized. */
export interface LinearQuantizer {
  readonly blockLength: number
  /** What config.json says of it. */
  readonly config: object
  /** @param shape [rows, columns], whole blocks */
  readonly quantize: (name: string, shape: readonly [number, number], read: ReadRow) => QuantizedLinear
  /** The tensors of a linear. @param name of its weight in the folder */
  readonly partsOf: (name: string, shape: readonly [number, number], read: ReadRow) => readonly LinearPart[]
}

const elementBytes = { U8: 1, F32: 4, I32: 4, BF16: 2 } as const

/** A tensor of a folder. */
export function linearPart(
  name: string,
  dtype: keyof typeof elementBytes,
  shape: readonly number[],
  bytesOf: LinearPart['bytesOf'],
): LinearPart {
  const byteLength = elementBytes[dtype] * shape.reduce((product, length) => product * length, 1)
  return { name, dtype, shape, byteLength, bytesOf }
}
