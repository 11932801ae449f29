/** Byte j holds codes j and j + 16. */
export function putHalves(codes: Uint8Array, bytes: Uint8Array, start: number): void {
  for (let i = 0; i < 16; i++) bytes[start + i] = (codes[i] & 15) | ((codes[i + 16] & 15) << 4)
}

/** 32 fifth bits, then the low nibbles in the order of `putHalves`. */
export function putFiveBits(codes: Uint8Array, bytes: Uint8Array, start: number): void {
  bytes.fill(0, start, start + 4)
  codes.forEach((code, i) => (bytes[start + (i >> 3)] |= (code >> 4) << (i & 7)))
  putHalves(codes, bytes, start + 4)
}
