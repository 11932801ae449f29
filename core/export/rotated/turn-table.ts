import type { ByteSource } from '../../formats/byte-source.js'
import type { GgufFile } from '../../formats/gguf/gguf-file.js'
import { readRows } from '../../quantization/read-rows.js'
import { multiplyColumns } from '../calibrated/columns.js'
import type { MatrixTurner } from './matrix-turner.js'
import type { TurnedFile } from './turned-file.js'

/** Rows in memory as floats. */
const rowsAtOnce = 1024

/** From where to where the rows of token tables go, and what turns them. */
export interface TurnedTable {
  readonly file: GgufFile
  readonly source: ByteSource
  readonly turner: MatrixTurner
  /** R1. */
  readonly rotation: Float32Array
  readonly turned: TurnedFile
}

/**
 * Turns the rows of a table of tokens, E R1, or of an output, W diag(n) R1.
 *
 * @param name of the table in the file
 * @param newName of the turned one
 * @param normWeights n, the weights of the norm before it; null where there is none
 * @throws EngineError 'file-unwritable', and as `readRows`
 */
export async function turnTable(
  { file, source, turner, rotation, turned }: TurnedTable,
  name: string,
  newName: string,
  normWeights: Float32Array | null,
): Promise<void> {
  const tensor = file.tensors.get(name)
  if (tensor === undefined) return
  const [rows, columns] = tensor.shape
  const readRow = readRows(source, tensor)
  turned.begin(newName, 'F32', tensor.shape)
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first)
    const values = new Float32Array(count * columns)
    for (let row = 0; row < count; row++)
      readRow(first + row, values.subarray(row * columns, (row + 1) * columns))
    if (normWeights !== null) multiplyColumns(values, normWeights)
    await turner.turn('inputs', values, rotation)
    turned.append(values)
  }
}
