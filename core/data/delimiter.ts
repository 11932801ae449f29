import { collectBadRows } from './bad-rows.js'
import { readCsv } from './csv.js'
import type { TextFile } from './files/text-file.js'

const delimiters = [',', ';', '\t', '|']
const sampledRecords = 50

/** What stands between the values of a table. */
export interface FoundDelimiter {
  readonly delimiter: string
  /** Values of the header. */
  readonly columnCount: number
  /** Records of the sample that have as many values as the header, from 0 to 1. */
  readonly share: number
}

/**
 * The delimiter that gives most records of the start of a file as many values as its first one, and among equals the one that
 * gives more. A comma where there is none.
 *
 * @throws file-unreadable, data-invalid
 */
export function findDelimiter(file: TextFile): FoundDelimiter {
  const found = delimiters.map((delimiter) => tryDelimiter(file, delimiter))
  const several = found.filter(({ columnCount }) => columnCount > 1)
  const [best = found[0]] = several.toSorted((a, b) => b.share - a.share || b.columnCount - a.columnCount)
  return best
}

function tryDelimiter(file: TextFile, delimiter: string): FoundDelimiter {
  const badRows = collectBadRows(true)
  let columnCount = 0
  let recordCount = 0
  let matching = 0
  for (const { values } of readCsv(file, delimiter, badRows)) {
    if (recordCount === 0) columnCount = values.length
    recordCount++
    if (values.length === columnCount) matching++
    if (recordCount + badRows.count() >= sampledRecords) break
  }
  return { delimiter, columnCount, share: matching / Math.max(1, recordCount + badRows.count()) }
}
