/** What codes stand for before a scale, ascending: code c is `values[c]`. */
export interface Levels {
  readonly values: Float64Array
  /** Writes the codes of the levels nearest to values[i] · factor. */
  encode(values: Float32Array, factor: number, codes: Uint8Array): void
}

/** Whole numbers `lowest` … `highest`. */
export function evenLevels(lowest: number, highest: number): Levels {
  const last = highest - lowest
  return {
    values: Float64Array.from({ length: last + 1 }, (_, code) => lowest + code),
    encode: (values, factor, codes) => {
      for (let i = 0; i < values.length; i++) {
        const place = values[i] * factor - lowest + 0.5
        codes[i] = place < 0 ? 0 : place > last ? last : place | 0
      }
    },
  }
}

/** Any ascending levels, up to 256. */
export function tableLevels(table: ArrayLike<number>): Levels {
  const values = Float64Array.from(table)
  const limits = values.subarray(1).map((level, index) => (level + values[index]) / 2)
  return {
    values,
    encode: (numbers, factor, codes) => {
      for (let i = 0; i < numbers.length; i++) {
        const value = numbers[i] * factor
        let [first, end] = [0, limits.length]
        while (first < end) {
          const middle = (first + end) >> 1
          if (value > limits[middle]) first = middle + 1
          else end = middle
        }
        codes[i] = first
      }
    },
  }
}
