import { floatToHalf } from '../half-float.js'
import { iq4Levels } from '../layouts/lookup-blocks.js'
import { evenLevels, tableLevels } from '../levels.js'
import { putHalf, type EncodeBlock } from './block-encoder.js'
import { fitLinedSuperBlock, fitScaledSuperBlock, type LinedSuperBlock } from './fit-super-block.js'
import { putHalves } from './put-codes.js'

/** The layouts are those of `layouts/super-blocks.ts`, which reads them. */

export const encodeQ2K: EncodeBlock = (values, bytes, start) => {
  const { d, dmin, scales, minima, codes } = fitLinedSuperBlock(
    values,
    { blockSize: 16, largestScale: 15 },
    3,
  )
  bytes.fill(0, start, start + 84)
  scales.forEach((scale, sub) => (bytes[start + sub] = scale | (minima[sub] << 4)))
  putQuarters(codes, bytes, start + 16)
  putHalf(bytes, start + 80, floatToHalf(d))
  putHalf(bytes, start + 82, floatToHalf(dmin))
}

const thirdBitLevels = evenLevels(-4, 3)

export const encodeQ3K: EncodeBlock = (values, bytes, start) => {
  const { d, scales, codes } = fitScaledSuperBlock(
    values,
    { blockSize: 16, largestScale: 31 },
    thirdBitLevels,
  )
  bytes.fill(0, start, start + 110)
  codes.forEach((code, i) => (bytes[start + (i & 31)] |= (code >> 2) << (i >> 5)))
  putQuarters(codes, bytes, start + 32)
  scales.forEach((scale, sub) => {
    const stored = scale + 32
    bytes[start + 96 + (sub & 7)] |= (stored & 15) << (sub & 8 ? 4 : 0)
    bytes[start + 104 + (sub & 3)] |= (stored >> 4) << (2 * (sub >> 2))
  })
  putHalf(bytes, start + 108, floatToHalf(d))
}

export const encodeQ4K: EncodeBlock = (values, bytes, start) => {
  const fitted = fitLinedSuperBlock(values, { blockSize: 32, largestScale: 63 }, 15)
  putSixBitScales(fitted, bytes, start)
  putPairs(fitted.codes, bytes, start + 16)
}

export const encodeQ5K: EncodeBlock = (values, bytes, start) => {
  const fitted = fitLinedSuperBlock(values, { blockSize: 32, largestScale: 63 }, 31)
  putSixBitScales(fitted, bytes, start)
  bytes.fill(0, start + 16, start + 48)
  fitted.codes.forEach((code, i) => (bytes[start + 16 + (i & 31)] |= (code >> 4) << (i >> 5)))
  putPairs(fitted.codes, bytes, start + 48)
}

const sixBitLevels = evenLevels(-32, 31)

export const encodeQ6K: EncodeBlock = (values, bytes, start) => {
  const { d, scales, codes } = fitScaledSuperBlock(values, { blockSize: 16, largestScale: 127 }, sixBitLevels)
  bytes.fill(0, start, start + 192)
  codes.forEach((code, i) => {
    const [half, row, place] = [i >> 7, (i >> 5) & 3, i & 31]
    bytes[start + 64 * half + 32 * (row & 1) + place] |= (code & 15) << (4 * (row >> 1))
    bytes[start + 128 + 32 * half + place] |= (code >> 4) << (2 * row)
  })
  scales.forEach((scale, sub) => (bytes[start + 192 + sub] = scale & 255))
  putHalf(bytes, start + 208, floatToHalf(d))
}

const lookUpLevels = tableLevels(iq4Levels)

export const encodeIq4Xs: EncodeBlock = (values, bytes, start) => {
  const { d, scales, codes } = fitScaledSuperBlock(values, { blockSize: 32, largestScale: 31 }, lookUpLevels)
  bytes.fill(0, start, start + 8)
  putHalf(bytes, start, floatToHalf(d))
  scales.forEach((scale, sub) => {
    const stored = scale + 32
    bytes[start + 2 + (sub >> 2)] |= (stored >> 4) << (2 * (sub & 3))
    bytes[start + 4 + (sub >> 1)] |= (stored & 15) << (4 * (sub & 1))
    putHalves(codes.subarray(32 * sub, 32 * sub + 32), bytes, start + 8 + 16 * sub)
  })
}

/** Codes of 2 bits: 32 in the lowest bits of 32 bytes, the next 32 above them, and so on. */
function putQuarters(codes: Uint8Array, bytes: Uint8Array, start: number): void {
  codes.forEach((code, i) => {
    bytes[start + 32 * (i >> 7) + (i & 31)] |= (code & 3) << (2 * ((i >> 5) & 3))
  })
}

/** Low nibbles: 32 in the low half of 32 bytes, the next 32 in their high half, and so on. */
function putPairs(codes: Uint8Array, bytes: Uint8Array, start: number): void {
  for (let i = 0; i < 128; i++) {
    const first = 64 * (i >> 5) + (i & 31)
    bytes[start + i] = (codes[first] & 15) | ((codes[first + 32] & 15) << 4)
  }
}

function putSixBitScales(
  { d, dmin, scales, minima }: LinedSuperBlock,
  bytes: Uint8Array,
  start: number,
): void {
  putHalf(bytes, start, floatToHalf(d))
  putHalf(bytes, start + 2, floatToHalf(dmin))
  for (let sub = 0; sub < 4; sub++) {
    bytes[start + 4 + sub] = scales[sub] | ((scales[sub + 4] >> 4) << 6)
    bytes[start + 8 + sub] = minima[sub] | ((minima[sub + 4] >> 4) << 6)
    bytes[start + 12 + sub] = (scales[sub + 4] & 15) | ((minima[sub + 4] & 15) << 4)
  }
}
