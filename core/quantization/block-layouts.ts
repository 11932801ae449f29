import { halfToFloat } from './half-float.js'

/** Where one tensor's blocks are decoded to; positions count blocks from the start of the matrix. */
export interface BlockTarget {
  readonly codes: Uint8Array
  readonly scales: Float32Array
  /** Null for the types whose zero point is the middle of the range. */
  readonly zeroPoints: Float32Array | null
}

/** A quantized type of GGUF: bytes of the file to the layout of `QuantizedMatrix`. */
export interface BlockLayout {
  readonly bits: 4 | 8
  readonly hasZeroPoints: boolean
  /** Decodes the whole blocks in `bytes` (little-endian) to `target`, from block `firstBlock` on. */
  decode(bytes: Uint8Array, target: BlockTarget, firstBlock: number): void
}

/** Values that share one scale, in all of these types. */
export const blockSize = 32

/**
 * Q4_0: [d: half][16 bytes of codes]; value = d · (q − 8).
 *
 * Source: block_q4_0 of ggml.
 */
const q4Zero: BlockLayout = {
  bits: 4,
  hasZeroPoints: false,
  decode: (bytes, { codes, scales }, firstBlock) => {
    for (let start = 0, block = firstBlock; start < bytes.byteLength; start += 18, block++) {
      scales[block] = halfAt(bytes, start)
      pairNeighbours(bytes, start + 2, codes, block * 16)
    }
  },
}

/**
 * Q4_1: [d: half][m: half][16 bytes of codes]; value = d · q + m = d · (q − zeroPoint) with zeroPoint = −m / d.
 *
 * Where d is 0 every value is m, which is kept as code 1 with scale m and zero point 0.
 *
 * Source: block_q4_1 of ggml.
 */
const q4One: BlockLayout = {
  bits: 4,
  hasZeroPoints: true,
  decode: (bytes, { codes, scales, zeroPoints }, firstBlock) => {
    if (!zeroPoints) throw new TypeError('Q4_1 needs room for zero points')
    for (let start = 0, block = firstBlock; start < bytes.byteLength; start += 20, block++) {
      const scale = halfAt(bytes, start)
      const minimum = halfAt(bytes, start + 2)
      if (scale === 0) {
        scales[block] = minimum
        zeroPoints[block] = 0
        codes.fill(0x11, block * 16, block * 16 + 16)
      } else {
        scales[block] = scale
        zeroPoints[block] = -minimum / scale
        pairNeighbours(bytes, start + 4, codes, block * 16)
      }
    }
  },
}

/**
 * Q8_0: [d: half][32 signed bytes]; value = d · q. Codes are q + 128, so that the zero point is the middle.
 *
 * Source: block_q8_0 of ggml.
 */
const q8Zero: BlockLayout = {
  bits: 8,
  hasZeroPoints: false,
  decode: (bytes, { codes, scales }, firstBlock) => {
    for (let start = 0, block = firstBlock; start < bytes.byteLength; start += 34, block++) {
      scales[block] = halfAt(bytes, start)
      const first = block * blockSize
      // Adding 128 modulo 256 flips the top bit.
      for (let index = 0; index < blockSize; index++) codes[first + index] = bytes[start + 2 + index] ^ 0x80
    }
  },
}

/** The quantized types that can be read, by their name in ggml. */
export const blockLayouts: ReadonlyMap<string, BlockLayout> = new Map([
  ['Q4_0', q4Zero],
  ['Q4_1', q4One],
  ['Q8_0', q8Zero],
])

/** Codes from GGUF's order (byte j holds codes j and j + 16) to neighbours (byte j holds 2j and 2j + 1). */
function pairNeighbours(
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

function halfAt(bytes: Uint8Array, start: number): number {
  return halfToFloat(bytes[start] | (bytes[start + 1] << 8))
}
