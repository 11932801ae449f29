import { decodeEach, type BlockLayout } from './block-layout.js'
import { halfAt } from './halves.js'

/** The 16 values that a code stands for in the IQ4 types. Source: kvalues_iq4nl of ggml. */
export const iq4Levels = Int8Array.of(
  ...[-127, -104, -83, -65, -49, -35, -22, -10],
  ...[1, 13, 25, 38, 53, 69, 89, 113],
)

/** A level is whole, so it is kept as itself: an 8-bit code is level + 128. */
const common = { bits: 8, blockSize: 32, zeroCode: 128, hasMinima: false, scalePositions: [0] } as const
const levelCodes = Uint8Array.from(iq4Levels, (level) => level + 128)

/**
 * IQ4_NL: [d: half][16 bytes of codes]; value = d · level[q], in the order of Q4_0.
 *
 * Source: block_iq4_nl of ggml.
 */
export const iq4Nl: BlockLayout = {
  ...common,
  decode: decodeEach(18, 1, (source, start, { codes, scales }, block) => {
    scales[block] = halfAt(source, start)
    lookUp(source, start + 2, codes, block * 32)
  }),
}

/**
 * IQ4_XS: [d: half][high 2 bits of 8 scales][low 4 bits of 8 scales][8 times 16 bytes of codes];
 * value = d · (scale − 32) · level[q].
 *
 * Source: block_iq4_xs of ggml.
 */
export const iq4Xs: BlockLayout = {
  ...common,
  decode: decodeEach(136, 8, (source, start, { codes, scales }, block) => {
    const d = halfAt(source, start)
    const high = source[start + 2] | (source[start + 3] << 8)
    for (let sub = 0; sub < 8; sub++) {
      const low = source[start + 4 + (sub >> 1)] >> (4 * (sub & 1))
      scales[block + sub] = d * (((low & 15) | (((high >> (2 * sub)) & 3) << 4)) - 32)
      lookUp(source, start + 8 + 16 * sub, codes, (block + sub) * 32)
    }
  }),
}

function lookUp(source: Uint8Array, start: number, codes: Uint8Array, first: number): void {
  for (let index = 0; index < 16; index++) {
    const pair = source[start + index]
    codes[first + index] = levelCodes[pair & 15]
    codes[first + 16 + index] = levelCodes[pair >> 4]
  }
}
