/** The value that is furthest from 0, the first of several; 0 where there is none. */
export function furthestValue(values: Float32Array): number {
  let furthest = 0
  for (const value of values) if (Math.abs(value) > Math.abs(furthest)) furthest = value
  return furthest
}
