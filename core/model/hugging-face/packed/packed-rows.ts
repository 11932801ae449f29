import type { StoredRows } from '../../unpacked-rows.js'
import type { PackedLinear } from './packed-linear.js'
import { readRun } from './unpack-run.js'
import { rowBytesOf, writeRow } from './write-row.js'

/** The rows of a packed linear in GGUF's layout. */
export function packedRows(linear: PackedLinear): StoredRows {
  return {
    rows: linear.rows,
    rowBytes: rowBytesOf(linear),
    readRun: (first, count) => {
      const run = readRun(linear, first, count)
      return (row, target) => writeRow(linear, run, row, target)
    },
  }
}
