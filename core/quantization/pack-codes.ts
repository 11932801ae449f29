/** Bits of a code. */
export type CodeBits = 2 | 4 | 8

/** Bytes of `count` packed codes. */
export function packedByteLength(count: number, bits: CodeBits): number {
  return Math.ceil((count * bits) / 8)
}

/**
 * Packs codes into bytes, the first in the lowest bits. What is left of a last byte is zero.
 *
 * @param target begins at the byte of the first code
 */
export function packCodes(codes: Uint8Array, count: number, bits: CodeBits, target: Uint8Array): void {
  if (bits === 8) {
    target.set(codes.subarray(0, count))
    return
  }
  for (let byte = 0, i = 0; i < count; byte++) {
    let packed = 0
    for (let shift = 0; shift < 8 && i < count; shift += bits) packed |= codes[i++] << shift
    target[byte] = packed
  }
}

/** Takes `count` codes out of bytes: the inverse of `packCodes`. */
export function unpackCodes(packed: Uint8Array, count: number, bits: CodeBits, codes: Uint8Array): void {
  if (bits === 8) {
    codes.set(packed.subarray(0, count))
    return
  }
  const mask = (1 << bits) - 1
  for (let byte = 0, i = 0; i < count; byte++) {
    for (let shift = 0; shift < 8 && i < count; shift += bits) codes[i++] = (packed[byte] >>> shift) & mask
  }
}
