import { integerBlockHead } from '../../formats/integer-blocks.js'
import type { MatrixPart } from '../../model/onnx/graph-parts.js'
import { hasZeroPoints, type BlockMatrix } from '../../model/onnx/stored-matrix.js'

/** Rows of a matrix of a graph, in integer blocks, as they were and as they are. */
export interface ChangedRows {
  readonly part: MatrixPart
  readonly before: Uint8Array
  readonly after: Uint8Array
}

/** A block that training changed. */
export interface ChangedBlock {
  /** In the graph's matrix. */
  readonly row: number
  readonly block: number
  readonly scale: number
  /** Null where the matrix has none. */
  readonly zeroPoint: number | null
  /** With neighbours together, low nibble first. */
  readonly codes: Uint8Array
}

/** The blocks that are not as they were, by the rows of the graph's matrix. */
export function* changedBlocks(
  matrix: BlockMatrix,
  { part, before, after }: ChangedRows,
): Generator<ChangedBlock> {
  const { columns, blockLength, bits } = matrix
  const givesZeroPoints = hasZeroPoints(matrix)
  const head = integerBlockHead({ hasZeroPoints: givesZeroPoints })
  const blockBytes = head + (blockLength * bits) / 8
  const blocks = columns / blockLength
  const view = new DataView(after.buffer, after.byteOffset, after.byteLength)
  for (let at = 0, index = 0; at < after.byteLength; at += blockBytes, index++) {
    const bytes = after.subarray(at, at + blockBytes)
    if (Buffer.compare(bytes, before.subarray(at, at + blockBytes)) === 0) continue
    yield {
      row: part.firstRow + part.order.rowBefore(Math.floor(index / blocks)),
      block: index % blocks,
      scale: view.getFloat32(at, true),
      zeroPoint: givesZeroPoints ? view.getFloat32(at + 4, true) : null,
      codes: bytes.subarray(head),
    }
  }
}
