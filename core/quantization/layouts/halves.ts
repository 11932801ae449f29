import { halfToFloat } from '../half-float.js'

/** The half float at `start`, little-endian. */
export function halfAt(bytes: Uint8Array, start: number): number {
  return halfToFloat(bytes[start] | (bytes[start + 1] << 8))
}

/** 4-bit codes from GGUF's order (byte j holds codes j and j + 16) to neighbours (byte j holds 2j and 2j + 1). */
export function pairNeighbours(
  source: Uint8Array,
  sourceStart: number,
  target: Uint8Array,
  targetStart: number,
): void {
  for (let pair = 0; pair < 8; pair++) {
    const even = source[sourceStart + 2 * pair]
    const odd = source[sourceStart + 2 * pair + 1]
    target[targetStart + pair] = (even & 15) | ((odd & 15) << 4)
    target[targetStart + pair + 8] = (even >> 4) | (odd & 0xf0)
  }
}

/**
 * 4-bit codes from neighbours to GGUF's order: byte j of the first `byteLength` of `target` holds codes j and j + `byteLength`.
 * With 16 bytes the inverse of `pairNeighbours`.
 */
export function partHalves(source: Uint8Array, target: Uint8Array, byteLength: number): void {
  const half = byteLength / 2
  for (let pair = 0; pair < half; pair++) {
    const low = source[pair]
    const high = source[half + pair]
    target[2 * pair] = (low & 15) | ((high & 15) << 4)
    target[2 * pair + 1] = (low >> 4) | (high & 0xf0)
  }
}
