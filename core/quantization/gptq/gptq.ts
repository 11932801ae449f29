import { tensorType } from '../../formats/gguf/tensor-types.js'
import { evenBlocks, type EvenType } from '../encoders/even-blocks.js'
import { fitBlock, nearestCode, spanningGrid, type BlockGrid, type CodeRange } from '../fit-block.js'
import type { RoundedMatrix } from '../rounded-matrix.js'

/** Columns whose errors are taken from all later ones together. */
const runLength = 128
const blockLength = 32

/**
 * Rounds a matrix W column by column to a type of even blocks. The error of each column is made up for in the columns after it, so that
 * the outputs on the inputs that H was made of change least: column j > i loses (w_i − stored_i) · U[i, j] / U[i, i]. The grid of a block of
 * 32 is fitted to its values as they are when its first column's turn comes, their errors weighted by 1 / U[i, i]², which is what they cost.
 *
 * Source: GPTQ, Frantar et al. 2022, arXiv:2210.17323, algorithm 1, in blocks of 128 columns and with groups of 32;
 * the weights follow from its equation (2), w_i's share of the error.
 *
 * @param values W, shape [rows, columns], columns a multiple of 32; stays as it is
 * @param factor U of H⁻¹ = Uᵀ U (see `inverseFactor`), shape [columns, columns]
 */
export function gptq(
  values: Float32Array,
  columns: number,
  factor: Float64Array,
  type: EvenType,
): RoundedMatrix {
  const rows = values.length / columns
  const { range, put } = evenBlocks[type]
  const blockBytes = tensorType(type)?.blockBytes ?? 0
  const bytes = new Uint8Array((values.length / blockLength) * blockBytes)
  const stored = values.slice()
  const errors = new Float64Array(rows * runLength)
  const weights = Float64Array.from({ length: columns }, (_, column) => factor[column * (columns + 1)] ** -2)
  for (let first = 0; first < columns; first += runLength) {
    const end = Math.min(columns, first + runLength)
    for (let row = 0; row < rows; row++) {
      const [ofRow, errorsOfRow] = [
        stored.subarray(row * columns, (row + 1) * columns),
        errors.subarray(row * runLength, (row + 1) * runLength),
      ]
      for (let start = first; start < end; start += blockLength) {
        const block = roundBlock(ofRow, { first, start, end }, { factor, weights }, range, errorsOfRow)
        put(block, bytes, ((row * columns + start) / blockLength) * blockBytes)
      }
      makeUp(ofRow, errorsOfRow, { first, end }, factor)
    }
  }
  return { bytes, stored }
}

/** Rounds 32 columns of a row, and takes their errors from the later ones of their run; errors are left divided by U[i, i]. */
function roundBlock(
  row: Float32Array,
  { first, start, end }: { readonly first: number; readonly start: number; readonly end: number },
  { factor, weights }: { readonly factor: Float64Array; readonly weights: Float64Array },
  range: CodeRange,
  errors: Float64Array,
): { readonly scale: number; readonly minimum: number; readonly codes: Uint8Array } {
  const columns = row.length
  const values = row.subarray(start, start + blockLength)
  const ofBlock = weights.subarray(start, start + blockLength)
  const { scale, minimum } = fitBlock(values, range, narrowerGrids(values, range), ofBlock)
  const grid = { scale, minimum }
  const codes = new Uint8Array(blockLength)
  for (let column = start; column < start + blockLength; column++) {
    const ofColumn = column * columns
    const code = nearestCode(row[column], grid, range.largest)
    const value = minimum + scale * code
    const error = (row[column] - value) / factor[ofColumn + column]
    for (let later = column + 1; later < end; later++) row[later] -= error * factor[ofColumn + later]
    row[column] = value
    codes[column - start] = code
    errors[column - first] = error
  }
  return { scale, minimum, codes }
}

/** Parts of the grid that spans all values: with weights, its ends may not be worth reaching. */
const shares = [0.9, 0.8, 0.7] as const

/** Grids around the middle of the one that spans a block's values. */
export function narrowerGrids(values: Float32Array, range: CodeRange): readonly BlockGrid[] {
  const { scale, minimum } = spanningGrid(values, range)
  return shares.map((share) => ({
    scale: share * scale,
    minimum: minimum + ((1 - share) * scale * range.largest) / 2,
  }))
}

/** Takes the errors of a run of columns from all columns after it, those of four at a time. */
function makeUp(
  row: Float32Array,
  errors: Float64Array,
  { first, end }: { readonly first: number; readonly end: number },
  factor: Float64Array,
): void {
  const columns = row.length
  for (let column = first; column < end; column += 4) {
    const place = column - first
    const [a, b, c, d] = [errors[place], errors[place + 1], errors[place + 2], errors[place + 3]]
    const one = column * columns
    const [two, three, four] = [one + columns, one + 2 * columns, one + 3 * columns]
    for (let later = end; later < columns; later++) {
      row[later] -=
        a * factor[one + later] +
        b * factor[two + later] +
        c * factor[three + later] +
        d * factor[four + later]
    }
  }
}
