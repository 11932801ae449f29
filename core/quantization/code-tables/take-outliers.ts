import { bfloatFormat } from '../number-formats.js'

/** What is done with an outlier: its column in the row, and its value rounded to a bfloat16. */
export type KeepOutlier = (column: number, value: number) => void

/**
 * Takes the outliers out of a row: weights further from 0 than `threshold` standard deviations of their block become 0, which
 * every table has, and are kept beside. The standard deviation is the root of the mean square: weights lie around 0.
 *
 * Source: OPQ, arXiv:2505.06653, section 4.
 *
 * @param values changed in place; whole blocks
 * @param threshold as `outlierThreshold` gives it
 */
export function takeOutliers(
  values: Float32Array,
  blockLength: number,
  threshold: number,
  keep: KeepOutlier,
): void {
  const bfloat = bfloatFormat()
  const view = new DataView(new ArrayBuffer(2))
  for (let start = 0; start < values.length; start += blockLength) {
    const limit = threshold * rootMeanSquare(values.subarray(start, start + blockLength))
    for (let column = start; column < start + blockLength; column++) {
      if (Math.abs(values[column]) <= limit) continue
      bfloat.write(view, 0, values[column])
      keep(column, bfloat.read(view, 0))
      values[column] = 0
    }
  }
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return Math.sqrt(sum / values.length)
}
