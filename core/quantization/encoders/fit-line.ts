/** Values near slope · code − depth. */
export interface Line {
  readonly slope: number
  /** At least 0: the types that store it have no sign for it. */
  readonly depth: number
}

/** Most turns of choosing codes and fitting the line to them. */
const rounds = 4

/** Writes the nearest codes 0 … largest on a line. Returns Σ (value − (slope · code − depth))². */
export function codesOnLine(
  values: Float32Array,
  slope: number,
  depth: number,
  largest: number,
  codes: Uint8Array,
): number {
  const inverse = slope === 0 ? 0 : 1 / slope
  let error = 0
  for (let i = 0; i < values.length; i++) {
    const place = (values[i] + depth) * inverse + 0.5
    const code = place < 0 ? 0 : place > largest ? largest : place | 0
    const difference = slope * code - depth - values[i]
    error += difference * difference
    codes[i] = code
  }
  return error
}

/**
 * The line nearest to `values` in least squares, with depth ≥ 0: from lines that reach from the least value, or from 0, to the
 * greatest, or a little less, codes and line are fitted to each other in turn.
 *
 * Source: Lloyd 1982's alternation.
 *
 * @param codes room for as many codes; what it holds afterwards means nothing
 */
export function fitLine(values: Float32Array, largest: number, codes: Uint8Array): Line {
  let [least, greatest] = [0, 0]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  let best: Line = { slope: 0, depth: 0 }
  let bestError = Infinity
  for (const share of [1, 0.9]) {
    let slope = (share * (greatest - least)) / largest
    let depth = share * -least
    for (let round = 0; round < rounds; round++) {
      const error = codesOnLine(values, slope, depth, largest, codes)
      if (error < bestError) {
        best = { slope, depth }
        bestError = error
      } else if (round > 0) break
      ;({ slope, depth } = lineOfCodes(values, codes))
    }
  }
  return best
}

function lineOfCodes(values: Float32Array, codes: Uint8Array): Line {
  const count = values.length
  let [codeSum, valueSum, squareSum, productSum] = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    const code = codes[i]
    const value = values[i]
    codeSum += code
    valueSum += value
    squareSum += code * code
    productSum += code * value
  }
  const spread = count * squareSum - codeSum * codeSum
  const slope = spread === 0 ? 0 : (count * productSum - codeSum * valueSum) / spread
  const depth = (slope * codeSum - valueSum) / count
  if (depth >= 0) return { slope, depth }
  return { slope: squareSum === 0 ? 0 : productSum / squareSum, depth: 0 }
}
