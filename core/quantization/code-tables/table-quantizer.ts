import type { SparseValues } from '../../formats/sparse-values.js'
import { tableBlockType, type TableBlockLength, type TableBlocks } from '../../formats/table-blocks.js'
import { encodeRows, type EncodedTensor, type ReadRow } from '../encode-rows.js'
import { outlierThreshold } from './outlier-threshold.js'
import { takeOutliers } from './take-outliers.js'

/** How a matrix is quantized to codes of a table. */
export interface TableQuantizer extends TableBlocks {
  /** Standard deviations of a block beyond which a weight is kept beside; null where none is. */
  readonly threshold: number | null
}

/** Quantizers by the names that their papers give them. */
export const tableQuantizerNames = ['nf4', 'bof4', 'bof4-s', 'bof4-s-opq'] as const
export type TableQuantizerName = (typeof tableQuantizerNames)[number]

/** Of blocks of normal weights that have outliers: the setting of the paper's results. */
const outlierQuantile = 0.95

/** The quantizer of a name. Source: OPQ with q = 0.95, arXiv:2505.06653, section 4. */
export function tableQuantizer(name: TableQuantizerName, blockLength: TableBlockLength): TableQuantizer {
  if (name !== 'bof4-s-opq') return { table: name, blockLength, threshold: null }
  return { table: 'bof4-s', blockLength, threshold: outlierThreshold(blockLength, outlierQuantile) }
}

/** A quantized matrix: blocks of its type, and the weights that are kept beside them. */
export interface TableTensor extends EncodedTensor {
  readonly outliers: SparseValues | null
}

/**
 * Quantizes a matrix row by row.
 *
 * @param shape [rows, columns], whole blocks
 */
export function quantizeRows(
  name: string,
  shape: readonly [number, number],
  read: ReadRow,
  quantizer: TableQuantizer,
): TableTensor {
  const { blockLength, threshold } = quantizer
  const [rows, columns] = shape
  const byteLength = ((rows * columns) / blockLength) * (4 + blockLength / 2)
  const outline = { name, type: tableBlockType(quantizer), shape, byteLength }
  if (threshold === null) return { ...encodeRows(outline, read), outliers: null }
  const [positions, kept]: [number[], number[]] = [[], []]
  const encoded = encodeRows(outline, (row, target) => {
    read(row, target)
    takeOutliers(target, blockLength, threshold, (column, value) => {
      positions.push(row * columns + column)
      kept.push(value)
    })
  })
  return { ...encoded, outliers: { positions: Int32Array.from(positions), values: Float32Array.from(kept) } }
}

/** How many weights `quantizeRows` would keep beside. */
export function countOutliers(
  [rows, columns]: readonly [number, number],
  read: ReadRow,
  { blockLength, threshold }: TableQuantizer,
): number {
  if (threshold === null) return 0
  const values = new Float32Array(columns)
  let count = 0
  for (let row = 0; row < rows; row++) {
    read(row, values)
    takeOutliers(values, blockLength, threshold, () => count++)
  }
  return count
}
