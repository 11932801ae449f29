/**
 * Brings rows to the front of a matrix, in their order, by swapping: row i with row rows[i]. What stood there is kept where
 * they came from, so nothing is copied elsewhere.
 *
 * @param rows ascending, none twice
 */
export function swapRowsToFront(matrix: Float32Array, columns: number, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) swapRows(matrix, columns, i, rows[i])
}

/** Undoes `swapRowsToFront`. */
export function swapRowsBack(matrix: Float32Array, columns: number, rows: Uint32Array): void {
  for (let i = rows.length - 1; i >= 0; i--) swapRows(matrix, columns, i, rows[i])
}

function swapRows(matrix: Float32Array, columns: number, a: number, b: number): void {
  if (a === b) return
  for (let column = 0; column < columns; column++) {
    const kept = matrix[a * columns + column]
    matrix[a * columns + column] = matrix[b * columns + column]
    matrix[b * columns + column] = kept
  }
}
