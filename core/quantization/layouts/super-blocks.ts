import { decodeEach, minimaOf, type BlockLayout, type BlockTarget } from './block-layout.js'
import { halfAt, partHalves } from './halves.js'
import { fiveBitZero } from './small-blocks.js'

/**
 * Types whose blocks are 256 values: 8 or 16 smaller blocks, whose scales and minima are small whole numbers times two half
 * floats of the block. What they multiply to has at most 19 bits, so it is exact in float32.
 *
 * Source: ggml-common.h of ggml.
 */
const halvesFirst = [0, 2]

/** Q2_K: [16 bytes: scale low, minimum high][64 bytes of codes][d][dmin]; value = d · scale · q − dmin · minimum. */
export const q2K: BlockLayout = {
  ...{ bits: 4, blockSize: 16, zeroCode: 0, hasMinima: true, scalePositions: [80, 82] },
  decode: decodeEach(84, 16, (source, start, target, block) => {
    const [d, dmin] = [halfAt(source, start + 80), halfAt(source, start + 82)]
    const minima = minimaOf(target)
    for (let sub = 0; sub < 16; sub++) {
      target.scales[block + sub] = d * (source[start + sub] & 15)
      minima[block + sub] = -(dmin * (source[start + sub] >> 4))
    }
    for (let pair = 0; pair < 128; pair++) {
      const [place, shift] = quarterPlace(2 * pair)
      const first = (source[start + 16 + place] >> shift) & 3
      const second = (source[start + 17 + place] >> shift) & 3
      target.codes[block * 8 + pair] = first | (second << 4)
    }
  }),
}

/**
 * Q3_K: [256 third bits][64 bytes of low bits][16 scales of 6 bits in 12 bytes][d]; value = d · (scale − 32) · (q − 4), where
 * 4 is the third bit. Kept as q + 4.
 */
export const q3K: BlockLayout = {
  ...{ bits: 4, blockSize: 16, zeroCode: 8, hasMinima: false, scalePositions: [108] },
  decode: decodeEach(110, 16, (source, start, target, block) => {
    const d = halfAt(source, start + 108)
    for (let sub = 0; sub < 16; sub++) {
      const low = source[start + 96 + (sub & 7)] >> (sub & 8 ? 4 : 0)
      const high = source[start + 104 + (sub & 3)] >> (2 * (sub >> 2))
      target.scales[block + sub] = d * (((low & 15) | ((high & 3) << 4)) - 32)
    }
    const codeAt = (index: number): number => {
      const [place, shift] = quarterPlace(index)
      const third = (source[start + (index & 31)] >> (index >> 5)) & 1
      return 4 + (((source[start + 32 + place] >> shift) & 3) | (third << 2))
    }
    for (let pair = 0; pair < 128; pair++) {
      target.codes[block * 8 + pair] = codeAt(2 * pair) | (codeAt(2 * pair + 1) << 4)
    }
  }),
}

/** Q4_K: [d][dmin][8 scales and minima in 12 bytes][128 bytes of codes]; value = d · scale · q − dmin · minimum. */
export const q4K: BlockLayout = {
  ...{ bits: 4, blockSize: 32, zeroCode: 0, hasMinima: true, scalePositions: halvesFirst },
  decode: decodeEach(144, 8, (source, start, target, block) => {
    decodeSixBitScales(source, start, target, block)
    for (let half = 0; half < 4; half++) {
      const first = start + 16 + 32 * half
      const low = (block + 2 * half) * 16
      for (let pair = 0; pair < 16; pair++) {
        const [even, odd] = [source[first + 2 * pair], source[first + 2 * pair + 1]]
        target.codes[low + pair] = (even & 15) | ((odd & 15) << 4)
        target.codes[low + 16 + pair] = (even >> 4) | (odd & 0xf0)
      }
    }
  }),
  writeCodes: (codes, block) => {
    for (let half = 0; half < 128; half += 32) partHalves(codes.subarray(half), block.subarray(16 + half), 32)
  },
}

/** Q5_K: as Q4_K, with 256 fifth bits in 32 bytes before the codes. */
export const q5K: BlockLayout = {
  ...{ bits: 8, blockSize: 32, zeroCode: fiveBitZero, hasMinima: true, scalePositions: halvesFirst },
  decode: decodeEach(176, 8, (source, start, target, block) => {
    decodeSixBitScales(source, start, target, block)
    for (let half = 0; half < 4; half++) {
      const low = (block + 2 * half) * 32
      for (let index = 0; index < 32; index++) {
        const pair = source[start + 48 + 32 * half + index]
        const fifth = source[start + 16 + index] >> (2 * half)
        target.codes[low + index] = fiveBitZero + ((pair & 15) | ((fifth & 1) << 4))
        target.codes[low + 32 + index] = fiveBitZero + ((pair >> 4) | ((fifth & 2) << 3))
      }
    }
  }),
}

/**
 * Q6_K: [128 bytes of low nibbles][64 bytes of high pairs][16 signed bytes of scales][d]; value = d · scale · (q − 32). Kept as
 * q + 96.
 */
export const q6K: BlockLayout = {
  ...{ bits: 8, blockSize: 16, zeroCode: 128, hasMinima: false, scalePositions: [208] },
  decode: decodeEach(210, 16, (source, start, { codes, scales }, block) => {
    const d = halfAt(source, start + 208)
    for (let sub = 0; sub < 16; sub++) scales[block + sub] = d * ((source[start + 192 + sub] << 24) >> 24)
    for (let half = 0; half < 2; half++) {
      const low = start + 64 * half
      const high = start + 128 + 32 * half
      const first = block * 16 + 128 * half
      for (let index = 0; index < 32; index++) {
        const [one, two, top] = [source[low + index], source[low + 32 + index], source[high + index]]
        codes[first + index] = 96 + ((one & 15) | ((top & 3) << 4))
        codes[first + 32 + index] = 96 + ((two & 15) | ((top & 12) << 2))
        codes[first + 64 + index] = 96 + ((one >> 4) | (top & 48))
        codes[first + 96 + index] = 96 + ((two >> 4) | ((top & 192) >> 2))
      }
    }
  }),
}

/** Byte and shift of a 2-bit code: 32 codes lie in the lowest bits of 32 bytes, the next 32 above them, and so on. */
function quarterPlace(index: number): readonly [number, number] {
  return [32 * (index >> 7) + (index & 31), 2 * ((index >> 5) & 3)]
}

/** Eight scales and minima of 6 bits: those of the first four in bytes of their own, whose top bits are the others' highest. */
function decodeSixBitScales(source: Uint8Array, start: number, target: BlockTarget, block: number): void {
  const [d, dmin] = [halfAt(source, start), halfAt(source, start + 2)]
  const minima = minimaOf(target)
  for (let sub = 0; sub < 4; sub++) {
    const scale = source[start + 4 + sub]
    const minimum = source[start + 8 + sub]
    const rest = source[start + 12 + sub]
    target.scales[block + sub] = d * (scale & 63)
    minima[block + sub] = -(dmin * (minimum & 63))
    target.scales[block + 4 + sub] = d * ((rest & 15) | ((scale >> 2) & 48))
    minima[block + 4 + sub] = -(dmin * ((rest >> 4) | ((minimum >> 2) & 48)))
  }
}
