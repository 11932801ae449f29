/** Numbers in 16, 8 or 4 bits, a scale for each group of neighbours: value = code · scale. */
export interface PackedState {
  /** Of 4 bits, one a byte. */
  readonly codes: Int16Array | Int8Array
  readonly largestCode: number
  /** One for each `groupLength` codes. */
  readonly scales: Float32Array
}

/** Small, because a few channels of a hidden state are many times larger than the rest. */
export const groupLength = 32

export type PackedFormat = 'int16' | 'int8' | 'int4'

const largestCodes: Readonly<Record<PackedFormat, number>> = { int16: 32_767, int8: 127, int4: 7 }

/** A group of smaller numbers becomes zeros: its scale would have no inverse. */
const smallestScale = 1e-30

/** Memory for `length` numbers. */
export function packedState(format: PackedFormat, length: number): PackedState {
  const codes = format === 'int16' ? new Int16Array(length) : new Int8Array(length)
  return {
    codes,
    largestCode: largestCodes[format],
    scales: new Float32Array(Math.ceil(length / groupLength)),
  }
}

/**
 * Writes `values` into `packed`, which may be longer: code = round(value / scale), scale = max |value| of the group / the
 * largest code. The error is at most half a scale: less than that of half floats in all but small values beside a large one.
 */
export function packState(values: Float32Array, { codes, scales, largestCode }: PackedState): void {
  for (let first = 0; first < values.length; first += groupLength) {
    const end = Math.min(first + groupLength, values.length)
    let largest = 0
    for (let i = first; i < end; i++) {
      const magnitude = values[i] < 0 ? -values[i] : values[i]
      if (magnitude > largest) largest = magnitude
    }
    const scale = largest / largestCode
    scales[first / groupLength] = scale
    const inverse = scale < smallestScale ? 0 : 1 / scale
    // Truncation of what is not negative rounds down; many times faster than Math.round.
    for (let i = first; i < end; i++) codes[i] = ((values[i] * inverse + 32_768.5) | 0) - 32_768
  }
}

/** Fills `values` with what was packed. */
export function unpackState({ codes, scales }: PackedState, values: Float32Array): void {
  for (let first = 0; first < values.length; first += groupLength) {
    const end = Math.min(first + groupLength, values.length)
    const scale = scales[first / groupLength]
    for (let i = first; i < end; i++) values[i] = codes[i] * scale
  }
}
