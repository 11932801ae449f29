/** The largest difference, in parts of the largest expected number. NaN where anything is none. */
export function relativeError(found: Float32Array, expected: Float32Array): number {
  let difference = 0
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]))
    largest = Math.max(largest, Math.abs(expected[i]))
  }
  return difference / largest
}
