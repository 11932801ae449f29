import type { LowRankMatrices } from '../engine/model-changes.js'
import { addToMatrix } from '../quantization/fit-matrix.js'
import type { Matrix } from '../quantization/matrix.js'

/** The matrix nearest to W + scale · up · down in the form of W. Quantized matrices cannot hold it exactly. */
export function mergeBranch(matrix: Matrix, { rank, scale, down, up }: LowRankMatrices): Matrix {
  const { columns } = matrix
  return addToMatrix(matrix, (row, values) => {
    for (let part = 0; part < rank; part++) {
      const share = scale * up[row * rank + part]
      const first = part * columns
      for (let column = 0; column < columns; column++) values[column] += share * down[first + column]
    }
  })
}
