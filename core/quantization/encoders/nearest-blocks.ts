import { furthestValue } from '../furthest-value.js'
import type { QuantizedType } from '../../formats/gguf/tensor-types.js'
import { floatToHalf } from '../half-float.js'
import { putHalf, type EncodeBlock } from './block-encoder.js'
import { putFiveBits, putHalves } from './put-codes.js'

/**
 * Codes nearest to a block's values on the grid that reaches its furthest value: no search for a better grid.
 *
 * Types without minima put the value furthest from 0, with its sign, on the lowest code; those with minima put the least and the
 * greatest value on the ends. Scales are rounded to half floats after the codes are chosen, every step in float32.
 *
 * Source: quantize_row_*_ref of ggml-quants.c; the bytes are the same.
 */
export const nearestEncoders: Readonly<Partial<Record<QuantizedType, EncodeBlock>>> = {
  Q4_0: (values, bytes, start) => {
    const { scale, codes } = nearestScaled(values, 8)
    putHalf(bytes, start, floatToHalf(scale))
    putHalves(codes, bytes, start + 2)
  },
  Q4_1: (values, bytes, start) => {
    const { scale, minimum, codes } = nearestLined(values, 15)
    putHalf(bytes, start, floatToHalf(scale))
    putHalf(bytes, start + 2, floatToHalf(minimum))
    putHalves(codes, bytes, start + 4)
  },
  Q5_0: (values, bytes, start) => {
    const { scale, codes } = nearestScaled(values, 16)
    putHalf(bytes, start, floatToHalf(scale))
    putFiveBits(codes, bytes, start + 2)
  },
  Q5_1: (values, bytes, start) => {
    const { scale, minimum, codes } = nearestLined(values, 31)
    putHalf(bytes, start, floatToHalf(scale))
    putHalf(bytes, start + 2, floatToHalf(minimum))
    putFiveBits(codes, bytes, start + 4)
  },
  Q8_0: (values, bytes, start) => {
    let largest = 0
    for (const value of values) largest = Math.max(largest, Math.abs(value))
    const scale = Math.fround(largest / 127)
    const inverse = inverseOf(scale)
    putHalf(bytes, start, floatToHalf(scale))
    for (let at = 0; at < values.length; at++) {
      const place = Math.fround(values[at] * inverse)
      bytes[start + 2 + at] = Math.sign(place) * Math.floor(Math.abs(place) + 0.5)
    }
  },
}

/** value = scale · (code − middle), with the furthest value at code 0. */
function nearestScaled(
  values: Float32Array,
  middle: number,
): { readonly scale: number; readonly codes: Uint8Array } {
  const furthest = furthestValue(values)
  const scale = furthest / -middle
  const inverse = inverseOf(Math.fround(scale))
  const codes = new Uint8Array(values.length)
  for (let at = 0; at < values.length; at++) {
    const place = Math.fround(Math.fround(values[at] * inverse) + (middle + 0.5))
    codes[at] = Math.min(2 * middle - 1, place)
  }
  return { scale, codes }
}

/** value = minimum + scale · code, with the greatest value at the largest code. */
function nearestLined(
  values: Float32Array,
  largest: number,
): { readonly scale: number; readonly minimum: number; readonly codes: Uint8Array } {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  const scale = Math.fround(Math.fround(greatest - least) / largest)
  const inverse = inverseOf(scale)
  const codes = new Uint8Array(values.length)
  for (let at = 0; at < values.length; at++) {
    const place = Math.fround(Math.fround(Math.fround(values[at] - least) * inverse) + 0.5)
    codes[at] = Math.min(largest, place)
  }
  return { scale, minimum: least, codes }
}

function inverseOf(scale: number): number {
  return scale === 0 ? 0 : Math.fround(1 / scale)
}
