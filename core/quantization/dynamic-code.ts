/** A code of 2^bits levels in −1 … 1 (signed) or 0 … 1, finer towards zero. */
export interface DynamicCode {
  readonly bits: 4 | 8
  /** Ascending; the code of a value is the index of its level. */
  readonly levels: Float32Array

  /**
   * Codes of the nearest levels. A positive value never gets the code of zero in an unsigned code.
   *
   * @param values in the range of the levels; shares its buffer with `words`
   * @param words the same memory as uint32
   */
  encode(values: Float32Array, words: Uint32Array, codes: Uint8Array, count: number): void
}

/** What is left of a float is its sign, its exponent and seven bits of its mantissa: few buckets hold two levels. */
const bucketShift = 16
/** The first bucket of negative floats. */
const signBucket = 1 << (31 - bucketShift)

/**
 * The dynamic code: decade i of bits − 1 decades below 1 has 2^i evenly spaced levels of either sign (2^(i+1) in an
 * unsigned code), the midpoints of that many equal parts of 0.1 … 1; with 0 and 1.
 *
 * A running mean of squares keeps positive values positive: the step divides by its root, and a zero there would make it
 * thousands of times too long.
 *
 * Source: Dettmers et al. 2021, arXiv:2110.02861, section 2.2 and the released code; no zero for positive values: Li et
 * al. 2023, arXiv:2309.01507, section 4.1.
 */
export function dynamicCode(bits: 4 | 8, isSigned: boolean): DynamicCode {
  const levels = dynamicLevels(bits, isSigned)
  const limits = Float32Array.from(levels, (level, code) =>
    code + 1 < levels.length ? (level + levels[code + 1]) / 2 : Infinity,
  )
  if (!isSigned) limits[0] = 0
  const firstCodes = firstCodesOfBuckets(limits)
  return {
    bits,
    levels,
    encode(values, words, codes, count) {
      for (let i = 0; i < count; i++) {
        let code = firstCodes[words[i] >>> bucketShift]
        while (values[i] > limits[code]) code++
        codes[i] = code
      }
    },
  }
}

function dynamicLevels(bits: number, isSigned: boolean): Float32Array {
  const decades = bits - 1
  const levels = [0, 1]
  for (let decade = 0; decade < decades; decade++) {
    const count = 2 ** (isSigned ? decade : decade + 1)
    for (let part = 0; part < count; part++) {
      const level = 10 ** (decade - decades + 1) * (0.1 + (0.9 * (part + 0.5)) / count)
      levels.push(level)
      if (isSigned) levels.push(-level)
    }
  }
  return Float32Array.from(levels).sort()
}

/** For every bucket of floats that begin with the same bits, the code of its lowest value. */
function firstCodesOfBuckets(limits: Float32Array): Uint8Array {
  const codes = new Uint8Array(2 * signBucket)
  const value = new Float32Array(1)
  const word = new Uint32Array(value.buffer)
  limits.forEach((limit, code) => {
    value[0] = limit
    const bucket = word[0] >>> bucketShift
    // Buckets of larger values begin at the next code or later; among the negative ones those are of smaller magnitude.
    if (limit < 0) {
      codes.fill(code + 1, signBucket, bucket)
      codes.fill(code + 1, 0, signBucket)
    } else {
      codes.fill(code + 1, bucket + 1, signBucket)
    }
  })
  return codes
}
