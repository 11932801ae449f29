import { furthestValue } from './furthest-value.js'
import { floatToHalf, halfToFloat } from './half-float.js'

/** Values of a block are near minimum + scale · code; types without minima have −middle · scale for it. */
export interface BlockGrid {
  readonly scale: number
  readonly minimum: number
}

/** What a type can store. */
export interface CodeRange {
  /** The largest code; the smallest is 0. */
  readonly largest: number
  /** Null for a type that stores a minimum; else the code of value 0. */
  readonly middle: number | null
}

/** A grid, and the code of each value on it. */
export interface CodedBlock extends BlockGrid {
  readonly codes: Uint8Array
}

/** A block's best grid and its codes. */
export interface FittedBlock extends CodedBlock {
  /** Σ (value − stored value)². */
  readonly error: number
}

const rounds = 4
/** For all values of the longest block. */
const equalWeights: Readonly<Float64Array> = new Float64Array(256).fill(1)

/**
 * Codes, scale and minimum of a block by least squares: from each start and from the grid that spans all values, codes are
 * rounded on the grid, then the grid is fitted to the codes, while the error falls. Scale and minimum are half floats, as files store them.
 *
 * Source: Lloyd 1982's alternation, on an even grid.
 *
 * @param weights of the values' squared errors; all alike unless said
 */
export function fitBlock(
  values: Float32Array,
  { largest, middle }: CodeRange,
  starts: readonly BlockGrid[],
  weights: Readonly<Float64Array> = equalWeights,
): FittedBlock {
  const range = { largest, middle }
  const rounded = (grid: BlockGrid): FittedBlock => roundCodes(values, range, storable(grid, middle), weights)
  const widest = spanningGrid(values, range)
  let best = rounded(widest)
  for (const start of [...starts, widest]) {
    let current = rounded(start)
    for (let round = 0; round < rounds; round++) {
      if (current.error < best.error) best = current
      const next = rounded(leastSquares(values, current.codes, middle, weights))
      if (!(next.error < current.error)) break
      current = next
    }
    if (current.error < best.error) best = current
  }
  return best
}

/** Codes nearest to a block's values on the grid that spans them, with a scale and a minimum that files can store: no search. */
export function spanBlock(values: Float32Array, { largest, middle }: CodeRange): FittedBlock {
  const range = { largest, middle }
  return roundCodes(values, range, storable(spanningGrid(values, range), middle), equalWeights)
}

function storable({ scale, minimum }: BlockGrid, middle: number | null): BlockGrid {
  const stored = halfToFloat(floatToHalf(scale))
  return {
    scale: stored,
    minimum: middle === null ? halfToFloat(floatToHalf(minimum)) : -middle * stored,
  }
}

/** The grid that reaches from the least to the greatest value, or to the value furthest from 0. */
export function spanningGrid(values: Float32Array, { largest, middle }: CodeRange): BlockGrid {
  if (middle === null) {
    let least = Infinity
    let greatest = -Infinity
    for (const value of values) {
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
    }
    return { scale: (greatest - least) / largest, minimum: least }
  }
  // Below the middle there is one code more than above it: the sign of the scale puts the furthest value there.
  const furthest = furthestValue(values)
  return { scale: furthest / -middle, minimum: furthest }
}

function roundCodes(
  values: Float32Array,
  { largest }: CodeRange,
  grid: BlockGrid,
  weights: Readonly<Float64Array>,
): FittedBlock {
  const { scale, minimum } = grid
  const codes = new Uint8Array(values.length)
  let error = 0
  for (let i = 0; i < values.length; i++) {
    const code = nearestCode(values[i], grid, largest)
    const difference = minimum + scale * code - values[i]
    codes[i] = code
    error += weights[i] * difference * difference
  }
  return { scale, minimum, codes, error }
}

/** The code on a grid that is nearest to a value. */
export function nearestCode(value: number, { scale, minimum }: BlockGrid, largest: number): number {
  const place = scale === 0 ? 0 : Math.round((value - minimum) / scale)
  return place < 0 ? 0 : place > largest ? largest : place
}

/** The grid nearest to values whose codes are known: a line through (code, value), or one through (middle, 0). */
function leastSquares(
  values: Float32Array,
  codes: Uint8Array,
  middle: number | null,
  weights: Readonly<Float64Array>,
): BlockGrid {
  let [count, codeSum, valueSum, squareSum, productSum] = [0, 0, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const weight = weights[i]
    const code = codes[i] - (middle ?? 0)
    count += weight
    codeSum += weight * code
    valueSum += weight * values[i]
    squareSum += weight * code * code
    productSum += weight * code * values[i]
  }
  if (middle !== null) {
    const scale = squareSum === 0 ? 0 : productSum / squareSum
    return { scale, minimum: -middle * scale }
  }
  const spread = count * squareSum - codeSum * codeSum
  const scale = spread === 0 ? 0 : (count * productSum - codeSum * valueSum) / spread
  return { scale, minimum: (valueSum - scale * codeSum) / count }
}
