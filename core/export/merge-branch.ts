import type { LowRankMatrices } from '../engine/model-changes.js'
import { dequantizeRow } from '../quantization/dequantize-row.js'
import type { ReadRow } from '../quantization/encode-rows.js'
import { addToMatrix } from '../quantization/fit-matrix.js'
import type { Matrix } from '../quantization/matrix.js'

/** The matrix nearest to W + scale · up · down in the form of W. Quantized matrices cannot hold it exactly. */
export function mergeBranch(matrix: Matrix, branch: LowRankMatrices): Matrix {
  return addToMatrix(matrix, (row, values) => addBranchRow(branch, row, values))
}

/** The rows of W + scale · up · down in floats. */
export function rowsWithBranch(matrix: Matrix, branch: LowRankMatrices): ReadRow {
  return (row, target) => {
    dequantizeRow(matrix, row, target, 0)
    addBranchRow(branch, row, target)
  }
}

function addBranchRow({ rank, scale, down, up }: LowRankMatrices, row: number, values: Float32Array): void {
  const columns = down.length / rank
  for (let part = 0; part < rank; part++) {
    const share = scale * up[row * rank + part]
    const first = part * columns
    for (let column = 0; column < columns; column++) values[column] += share * down[first + column]
  }
}
