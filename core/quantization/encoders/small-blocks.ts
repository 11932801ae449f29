import { floatToHalf, halfToFloat } from '../half-float.js'
import { iq4Levels } from '../layouts/lookup-blocks.js'
import { tableLevels } from '../levels.js'
import { putHalf, type EncodeBlock } from './block-encoder.js'
import { codesOfScale, fitScale } from './fit-scale.js'
import { putHalves } from './put-codes.js'

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
