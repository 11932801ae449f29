/** Codes are powers of the base, 0 … 3. */
const largestCode = 3
const quantile = 0.1

/** A block in a logarithmic code: value = scale · base^code. */
export interface LogarithmicBlock {
  /** The largest value; 0 for a block of zeros. */
  readonly scale: number
  /** In 0 … 1; 1 where all values are equal. A float32. */
  readonly base: number
}

/**
 * Scale and base of a block of values ≥ 0: the level of the last code, scale · base³, is the block's quantile 0.1, between
 * the two values around it. Zeros do not count, or a few of them would leave no level for the others.
 *
 * Source: SOLO, Xu et al. 2025, arXiv:2505.00347, and its released code (2 bits, blocks of 128).
 */
export function logarithmicBlock(values: Float32Array, first: number, end: number): LogarithmicBlock {
  let count = 0
  let scale = 0
  for (let i = first; i < end; i++) {
    if (values[i] > 0) count++
    scale = Math.max(scale, values[i])
  }
  if (count === 0) return { scale: 0, base: 0 }
  const position = quantile * (count - 1)
  const below = Math.floor(position)
  const smallest = smallestPositive(values, first, end, Math.min(below + 2, count))
  const low = smallest[below] + (position - below) * ((smallest.at(below + 1) ?? 0) - smallest[below])
  return { scale, base: Math.fround((low / scale) ** (1 / largestCode)) }
}

/** The `count` smallest positive values, ascending. */
function smallestPositive(values: Float32Array, first: number, end: number, count: number): Float32Array {
  const smallest = new Float32Array(count).fill(Infinity)
  for (let i = first; i < end; i++) {
    const value = values[i]
    if (value <= 0 || value >= smallest[count - 1]) continue
    let at = count - 1
    for (; at > 0 && smallest[at - 1] > value; at--) smallest[at] = smallest[at - 1]
    smallest[at] = value
  }
  return smallest
}

/**
 * Codes of a block's values: round(log_base(value / scale) + noise), kept to 0 … 3. With noise even in [−½, ½) the
 * logarithm is right on average, so that small changes add up where each alone would be rounded away.
 *
 * @param noise one number a value, at the same index
 */
export function encodeLogarithmic(
  values: Float32Array,
  first: number,
  end: number,
  { scale, base }: LogarithmicBlock,
  noise: Float32Array,
  codes: Uint8Array,
): void {
  // Equal values have a base of 1, whose logarithm cannot be divided by; a block of zeros has any code.
  const perLog = base > 0 && base < 1 ? 1 / Math.log(base) : 0
  const logScale = Math.log(scale)
  for (let i = first; i < end; i++) {
    const power = perLog === 0 ? 0 : (Math.log(values[i]) - logScale) * perLog + noise[i]
    codes[i] = Math.max(0, Math.min(largestCode, Math.round(power)))
  }
}
