import { packCodes, packedByteLength, unpackCodes } from '../quantization/pack-codes.js'

/** The form that `MasterMatrix` and `MasterWeights` keep 4-bit weights in, in codes of the file's grid, and that of `CodeMatrix`. */
const bits = 4
const largest = 2 ** bits - 1

/** The packed codes that weights are rounded to. */
export function codesFromWeights(weights: Float32Array): Uint8Array {
  const codes = Uint8Array.from(weights, (weight) => Math.max(0, Math.min(largest, Math.round(weight))))
  const packed = new Uint8Array(packedByteLength(codes.length, bits))
  packCodes(codes, codes.length, bits, packed)
  return packed
}

/** Weights that lie on these packed codes. */
export function weightsFromCodes(packed: Uint8Array, count: number): Float64Array {
  const codes = new Uint8Array(count)
  unpackCodes(packed, count, bits, codes)
  return Float64Array.from(codes)
}
