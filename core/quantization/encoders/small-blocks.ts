import { fitBlock } from '../fit-block.js'
import { floatToHalf, halfToFloat } from '../half-float.js'
import { iq4Levels } from '../layouts/lookup-blocks.js'
import { tableLevels } from '../levels.js'
import { putHalf, type EncodeBlock } from './block-encoder.js'
import { codesOfScale, fitScale } from './fit-scale.js'

/** Q4_0: d, then the codes. */
export const encodeQ4Zero: EncodeBlock = (values, bytes, start) => {
  const { scale, codes } = fitBlock(values, { largest: 15, middle: 8 }, [])
  putHalf(bytes, start, floatToHalf(scale))
  putHalves(codes, bytes, start + 2)
}

/** Q4_1: d and m, then the codes. */
export const encodeQ4One: EncodeBlock = (values, bytes, start) => {
  const { scale, minimum, codes } = fitBlock(values, { largest: 15, middle: null }, [])
  putHalf(bytes, start, floatToHalf(scale))
  putHalf(bytes, start + 2, floatToHalf(minimum))
  putHalves(codes, bytes, start + 4)
}

/** Q5_0: d, the fifth bits, then the low nibbles. */
export const encodeQ5Zero: EncodeBlock = (values, bytes, start) => {
  const { scale, codes } = fitBlock(values, { largest: 31, middle: 16 }, [])
  putHalf(bytes, start, floatToHalf(scale))
  putFiveBits(codes, bytes, start + 2)
}

/** Q5_1: d and m, the fifth bits, then the low nibbles. */
export const encodeQ5One: EncodeBlock = (values, bytes, start) => {
  const { scale, minimum, codes } = fitBlock(values, { largest: 31, middle: null }, [])
  putHalf(bytes, start, floatToHalf(scale))
  putHalf(bytes, start + 2, floatToHalf(minimum))
  putFiveBits(codes, bytes, start + 4)
}

/** Q8_0: d, then signed bytes. llama.cpp's kernels want none of them to be −128. */
export const encodeQ8Zero: EncodeBlock = (values, bytes, start) => {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  const half = floatToHalf(largest / 127)
  const scale = halfToFloat(half)
  putHalf(bytes, start, half)
  for (let i = 0; i < 32; i++) {
    const code = scale === 0 ? 0 : Math.round(values[i] / scale)
    bytes[start + 2 + i] = Math.max(-127, Math.min(127, code)) & 255
  }
}

const levels = tableLevels(iq4Levels)

/** IQ4_NL: d, then the codes of levels. */
export const encodeIq4Nl: EncodeBlock = (values, bytes, start) => {
  const codes = new Uint8Array(32)
  const half = floatToHalf(fitScale(values, levels, codes))
  codesOfScale(values, halfToFloat(half), levels, codes)
  putHalf(bytes, start, half)
  putHalves(codes, bytes, start + 2)
}

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
