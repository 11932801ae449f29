import type { BadRows } from './bad-rows.js'
import { readLines } from './read-lines.js'
import type { TableRecord } from './row.js'

/**
 * Records of a tab-separated file, the header included. Quotes are ordinary characters, as in GLUE's files, and empty
 * lines are left out.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readTsv(path: string, badRows: BadRows): Generator<TableRecord> {
  for (const { number, text } of readLines(path, badRows)) {
    if (text !== '') yield { line: number, values: text.split('\t') }
  }
}
