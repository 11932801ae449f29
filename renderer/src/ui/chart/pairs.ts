/** Data of a series, to be spread into it. */
export interface Pairs {
  readonly dimensions: readonly ['x', 'y']
  readonly data: Float64Array
}

/**
 * Points of a curve as the chart library takes them at the least cost: x, y, x, y …. It copies what it is given several times,
 * which for arrays of arrays came to kilobytes a point.
 */
export function pairs<Point>(
  points: readonly Point[],
  pairOf: (point: Point) => readonly [x: number, y: number],
): Pairs {
  const data = new Float64Array(2 * points.length)
  points.forEach((point, index) => data.set(pairOf(point), 2 * index))
  return { dimensions: ['x', 'y'], data }
}
