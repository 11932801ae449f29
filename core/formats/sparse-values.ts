/** Some values of a matrix, by their places in it. */
export interface SparseValues {
  /** row · columns + column of each, ascending. */
  readonly positions: Int32Array
  readonly values: Float32Array
}

/** Those in rows `first` … `end` − 1, by their places in these rows. */
export function sparseRows(
  { positions, values }: SparseValues,
  columns: number,
  first: number,
  end: number,
): SparseValues {
  const [start, stop] = [firstFrom(positions, first * columns), firstFrom(positions, end * columns)]
  return {
    positions: positions.slice(start, stop).map((position) => position - first * columns),
    values: values.subarray(start, stop),
  }
}

/** Index of the first position at or after a place. */
function firstFrom(positions: Int32Array, place: number): number {
  let [first, end] = [0, positions.length]
  while (first < end) {
    const middle = (first + end) >> 1
    if (positions[middle] < place) first = middle + 1
    else end = middle
  }
  return first
}
