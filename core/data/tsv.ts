import type { BadRows } from './bad-rows.js'
import type { TextFile } from './files/text-file.js'
import { readLines, type LinePlace } from './read-lines.js'
import type { TableRecord } from './row.js'

/**
 * Records of a tab-separated file, the header included. Quotes are ordinary characters, as in GLUE's files, and empty
 * lines are left out.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readTsv(file: TextFile, badRows: BadRows, from?: LinePlace): Generator<TableRecord> {
  for (const { number, text, offset, end } of readLines(file, badRows, from)) {
    if (text !== '') yield { line: number, values: text.split('\t'), offset, end, text: () => text }
  }
}
