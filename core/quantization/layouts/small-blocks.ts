import { decodeEach, minimaOf, type BlockLayout } from './block-layout.js'
import { halfAt, pairNeighbours, partHalves } from './halves.js'

/** Types whose blocks are 32 values with a scale, and a minimum or none. */
const common = { blockSize: 32, scalePositions: [0] } as const
const nibbles = { ...common, bits: 4, zeroCode: 8, hasMinima: false } as const
const bytes = { ...common, bits: 8, zeroCode: 128, hasMinima: false } as const

/**
 * Q4_0: [d: half][16 bytes of codes]; value = d · (q − 8).
 *
 * Source: block_q4_0 of ggml.
 */
export const q4Zero: BlockLayout = {
  ...nibbles,
  decode: decodeEach(18, 1, (source, start, { codes, scales }, block) => {
    scales[block] = halfAt(source, start)
    pairNeighbours(source, start + 2, codes, block * 16)
  }),
  writeCodes: (codes, block) => partHalves(codes, block.subarray(2), 16),
}

/**
 * Q4_1: [d: half][m: half][16 bytes of codes]; value = d · q + m.
 *
 * Source: block_q4_1 of ggml.
 */
export const q4One: BlockLayout = {
  ...nibbles,
  zeroCode: 0,
  hasMinima: true,
  scalePositions: [0, 2],
  decode: decodeEach(20, 1, (source, start, target, block) => {
    target.scales[block] = halfAt(source, start)
    minimaOf(target)[block] = halfAt(source, start + 2)
    pairNeighbours(source, start + 4, target.codes, block * 16)
  }),
  writeCodes: (codes, block) => partHalves(codes, block.subarray(4), 16),
}

/** The code in which a 5-bit 0 is kept: its 16, the middle, is then 128, the middle of a byte. */
export const fiveBitZero = 112

/**
 * Q5_0: [d: half][32 fifth bits][16 bytes of low nibbles]; value = d · (q − 16), in the order of Q4_0.
 *
 * Source: block_q5_0 of ggml.
 */
export const q5Zero: BlockLayout = {
  ...bytes,
  decode: decodeEach(22, 1, (source, start, { codes, scales }, block) => {
    scales[block] = halfAt(source, start)
    joinFifthBits(source, start + 2, codes, block * 32)
  }),
}

/** Q5_0 whose codes lie within 16 of the block's least one, which is then code 0: half of the memory, and the same values. */
export const q5ZeroNarrow: BlockLayout = {
  ...nibbles,
  zeroCode: 0,
  hasMinima: true,
  decode: decodeEach(22, 1, (source, start, target, block) => {
    const scale = halfAt(source, start)
    let least = 31
    for (let index = 0; index < 32; index++) {
      const code = fiveBitCode(source, start + 2, index)
      if (code < least) least = code
    }
    target.scales[block] = scale
    minimaOf(target)[block] = (least - 16) * scale
    for (let pair = 0; pair < 16; pair++) {
      const even = fiveBitCode(source, start + 2, 2 * pair) - least
      const odd = fiveBitCode(source, start + 2, 2 * pair + 1) - least
      target.codes[block * 16 + pair] = even | (odd << 4)
    }
  }),
}

/** A code of 32 whose fifth bits begin at `start`. */
function fiveBitCode(source: Uint8Array, start: number, index: number): number {
  const low = (source[start + 4 + (index & 15)] >> ((index >> 4) * 4)) & 15
  return low | (((source[start + (index >> 3)] >> (index & 7)) & 1) << 4)
}

/**
 * Q5_1: [d: half][m: half][32 fifth bits][16 bytes of low nibbles]; value = d · q + m.
 *
 * Source: block_q5_1 of ggml.
 */
export const q5One: BlockLayout = {
  ...bytes,
  zeroCode: fiveBitZero,
  hasMinima: true,
  scalePositions: [0, 2],
  decode: decodeEach(24, 1, (source, start, target, block) => {
    target.scales[block] = halfAt(source, start)
    minimaOf(target)[block] = halfAt(source, start + 2)
    joinFifthBits(source, start + 4, target.codes, block * 32)
  }),
}

function joinFifthBits(source: Uint8Array, start: number, codes: Uint8Array, first: number): void {
  for (let index = 0; index < 16; index++) {
    const pair = source[start + 4 + index]
    const lowBit = (source[start + (index >> 3)] >> (index & 7)) & 1
    const highBit = (source[start + 2 + (index >> 3)] >> (index & 7)) & 1
    codes[first + index] = fiveBitZero + ((pair & 15) | (lowBit << 4))
    codes[first + 16 + index] = fiveBitZero + ((pair >> 4) | (highBit << 4))
  }
}

/**
 * Q8_0: [d: half][32 signed bytes]; value = d · q.
 *
 * Source: block_q8_0 of ggml.
 */
export const q8Zero: BlockLayout = {
  ...bytes,
  decode: decodeEach(34, 1, (source, start, { codes, scales }, block) => {
    scales[block] = halfAt(source, start)
    const first = block * 32
    // Adding 128 modulo 256 flips the top bit.
    for (let index = 0; index < 32; index++) codes[first + index] = source[start + 2 + index] ^ 0x80
  }),
  writeCodes: (codes, block) => {
    for (let index = 0; index < 32; index++) block[2 + index] = codes[index] ^ 0x80
  },
}
