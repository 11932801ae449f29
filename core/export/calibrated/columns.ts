/** W ∘ s: each column of a matrix times a scale of its own. @param values shape [rows, columns], changed in place */
export function multiplyColumns(values: Float32Array, scales: Float32Array): void {
  const columns = scales.length
  for (let start = 0; start < values.length; start += columns) {
    for (let column = 0; column < columns; column++) values[start + column] *= scales[column]
  }
}
