/** A number that is none, and where it stands. */
export interface OddNumber {
  readonly index: number
  readonly value: number
}

/**
 * The first infinite or missing number of a tensor of floats or half floats; null where all are finite, as whole numbers always
 * are.
 *
 * @param bytes of whole elements
 */
export function firstOddNumber(dtype: string, bytes: Uint8Array<ArrayBuffer>): OddNumber | null {
  switch (dtype) {
    case 'F32': {
      const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
      const index = values.findIndex((value) => !Number.isFinite(value))
      return index < 0 ? null : { index, value: values[index] }
    }
    case 'F16': {
      const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
      // All bits of an exponent are set in infinities and in what is no number, which has a fraction as well.
      const index = halves.findIndex((bits) => (bits & 0x7c00) === 0x7c00)
      if (index < 0) return null
      const isNumber = (halves[index] & 0x3ff) === 0
      return { index, value: isNumber ? (halves[index] & 0x8000 ? -Infinity : Infinity) : NaN }
    }
    default:
      return null
  }
}
