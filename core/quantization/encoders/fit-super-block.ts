import { floatToHalf, halfToFloat } from '../half-float.js'
import type { Levels } from '../levels.js'
import { codesOnLine, fitLine, type Line } from './fit-line.js'
import { codesOfScale, fitScale } from './fit-scale.js'

/** A block of 256 values whose small blocks have whole numbers for scales: value = d · scale · level[code]. */
export interface ScaledSuperBlock {
  /** A half float. */
  readonly d: number
  readonly scales: Int8Array
  readonly codes: Uint8Array
}

/** The same with minima: value = d · scale · code − dmin · minimum. */
export interface LinedSuperBlock {
  readonly d: number
  readonly dmin: number
  readonly scales: Uint8Array
  readonly minima: Uint8Array
  readonly codes: Uint8Array
}

/** What a type can store for each of its small blocks. */
export interface SubBlockShape {
  readonly blockSize: 16 | 32
  /** Scales are −largest − 1 … largest, or with minima both are 0 … largest. */
  readonly largestScale: number
}

/**
 * Fits 256 values in least squares: each small block by itself, then whole scales near what it found, then the half float that
 * they have in common, and the codes once more.
 */
export function fitScaledSuperBlock(
  values: Float32Array,
  { blockSize, largestScale }: SubBlockShape,
  levels: Levels,
): ScaledSuperBlock {
  const codes = new Uint8Array(values.length)
  const parts = partsOf(values, codes, blockSize)
  const exact = parts.map((part) => fitScale(part.values, levels, part.codes))
  const furthest = exact.reduce((most, scale) => (Math.abs(scale) > Math.abs(most) ? scale : most), 0)
  // One more scale is negative than positive: the largest becomes −largest − 1.
  const first = toHalf(-furthest / (largestScale + 1))
  const scales = new Int8Array(parts.length)
  if (first !== 0) {
    parts.forEach((part, index) => {
      const wanted = Math.round(exact[index] / first)
      scales[index] = bestNear(wanted, -largestScale - 1, largestScale, (scale) =>
        codesOfScale(part.values, first * scale, levels, part.codes),
      )
    })
  }
  const encode = (d: number): number =>
    parts.reduce(
      (sum, part, index) => sum + codesOfScale(part.values, d * scales[index], levels, part.codes),
      0,
    )
  const error = encode(first)
  const next = halfOfCodes(values, codes, scales, levels.values, blockSize)
  if (next !== null && encode(next) <= error) return { d: next, scales, codes }
  encode(first)
  return { d: first, scales, codes }
}

/** Fits 256 values on lines with codes 0 … largestCode, in the same way. */
export function fitLinedSuperBlock(
  values: Float32Array,
  { blockSize, largestScale }: SubBlockShape,
  largestCode: number,
): LinedSuperBlock {
  const codes = new Uint8Array(values.length)
  const parts = partsOf(values, codes, blockSize)
  const exact = parts.map((part) => fitLine(part.values, largestCode, part.codes))
  const first = {
    d: toHalf(Math.max(...exact.map(({ slope }) => slope)) / largestScale),
    dmin: toHalf(Math.max(...exact.map(({ depth }) => depth)) / largestScale),
  }
  const scales = new Uint8Array(parts.length)
  const minima = new Uint8Array(parts.length)
  parts.forEach((part, index) => {
    const errorOf = (scale: number, minimum: number): number =>
      codesOnLine(part.values, first.d * scale, first.dmin * minimum, largestCode, part.codes)
    const { scale, minimum } = bestLine(exact[index], first, largestScale, errorOf)
    scales[index] = scale
    minima[index] = minimum
  })
  const encode = ({ d, dmin }: Halves): number =>
    parts.reduce(
      (sum, part, index) =>
        sum + codesOnLine(part.values, d * scales[index], dmin * minima[index], largestCode, part.codes),
      0,
    )
  const error = encode(first)
  const next = halvesOfCodes(values, codes, scales, minima, blockSize)
  if (next !== null && encode(next) <= error) return { ...next, scales, minima, codes }
  encode(first)
  return { ...first, scales, minima, codes }
}

interface Halves {
  readonly d: number
  readonly dmin: number
}

/** The half float d nearest to values whose codes and scales are known; null where there is none. */
function halfOfCodes(
  values: Float32Array,
  codes: Uint8Array,
  scales: Int8Array,
  table: Float64Array,
  blockSize: number,
): number | null {
  let [products, squares] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const level = scales[(i / blockSize) | 0] * table[codes[i]]
    products += values[i] * level
    squares += level * level
  }
  return squares === 0 ? null : toHalf(products / squares)
}

/** The half floats d and dmin nearest to values whose codes, scales and minima are known; null where they are not defined. */
function halvesOfCodes(
  values: Float32Array,
  codes: Uint8Array,
  scales: Uint8Array,
  minima: Uint8Array,
  blockSize: number,
): Halves | null {
  let [aa, ab, bb, av, bv] = [0, 0, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const block = (i / blockSize) | 0
    const a = scales[block] * codes[i]
    const b = -minima[block]
    aa += a * a
    ab += a * b
    bb += b * b
    av += a * values[i]
    bv += b * values[i]
  }
  const determinant = aa * bb - ab * ab
  if (determinant <= 1e-9 * aa * bb) return null
  const d = toHalf((av * bb - bv * ab) / determinant)
  const dmin = toHalf((bv * aa - av * ab) / determinant)
  return d > 0 && dmin >= 0 ? { d, dmin } : null
}

interface Part {
  readonly values: Float32Array
  readonly codes: Uint8Array
}

function partsOf(values: Float32Array, codes: Uint8Array, blockSize: number): Part[] {
  return Array.from({ length: values.length / blockSize }, (_, part) => ({
    values: values.subarray(part * blockSize, (part + 1) * blockSize),
    codes: codes.subarray(part * blockSize, (part + 1) * blockSize),
  }))
}

function toHalf(value: number): number {
  return halfToFloat(floatToHalf(value))
}

/** Of `wanted` and its neighbours in a range, the whole number of the least error. */
function bestNear(wanted: number, least: number, most: number, errorOf: (value: number) => number): number {
  let best = 0
  let bestError = Infinity
  for (let value = Math.max(least, wanted - 1); value <= Math.min(most, wanted + 1); value++) {
    const error = errorOf(value)
    if (error >= bestError) continue
    best = value
    bestError = error
  }
  return best
}

/** The whole numbers near a line, one changed at a time while that lessens the error. */
function bestLine(
  { slope, depth }: Line,
  { d, dmin }: Halves,
  largest: number,
  errorOf: (scale: number, minimum: number) => number,
): { readonly scale: number; readonly minimum: number } {
  const wanted = d === 0 ? 0 : Math.min(largest, Math.round(slope / d))
  const minimum = dmin === 0 ? 0 : Math.min(largest, Math.round(depth / dmin))
  const scale = bestNear(wanted, 0, largest, (value) => errorOf(value, minimum))
  return { scale, minimum: bestNear(minimum, 0, largest, (value) => errorOf(scale, value)) }
}
