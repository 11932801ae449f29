const largestHalf = 65_504

/** Values of all 65,536 half floats by their bits. Source: IEEE 754-2019, binary16. */
const halfValues: Readonly<Float32Array> = Float32Array.from({ length: 65_536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
})

/** Value of a half float (IEEE binary16) given by its bits; exact. */
export function halfToFloat(bits: number): number {
  return halfValues[bits]
}

/**
 * Bits of the half float nearest to `value`, ties to even. Beyond ±65,520 that is an infinity: see `fitsHalf`.
 *
 * The spacing of half floats around |value| is 2^(exponent − 10); below 2^-14 it stays at 2^-24.
 */
export function floatToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (!fitsHalf(magnitude)) return sign | 0x7c00
  // Below 2^16, magnitude · 2^14 fits 32 bits, and its leading zeros give the exponent.
  const exponent = Math.max(17 - Math.clz32(magnitude * 16_384), -14)
  // The sum below carries into the exponent by itself where rounding reaches the next power of two.
  return sign | (((exponent + 14) << 10) + roundHalfToEven(magnitude * 2 ** (10 - exponent)))
}

/** Whether `value` rounds to a finite half float. The largest is 65,504; half a spacing above it rounds to infinity. */
export function fitsHalf(value: number): boolean {
  return Math.abs(value) < largestHalf + 16
}

/** Adding and taking away 2^52 leaves no bits for a fraction, and additions round half to even. */
function roundHalfToEven(value: number): number {
  return value + 2 ** 52 - 2 ** 52
}
