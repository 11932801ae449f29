import { valueText } from './column-statistics.js'
import { readIndexed, type RowIndex } from './index/row-index.js'
import { shortened } from './shortened.js'

/** A row of a data file as a table shows it. */
export interface TableRow {
  readonly line: number
  /** In the order of the file's columns; nothing where a row lacks one. Of a row that cannot be read, the start of its text. */
  readonly values: readonly string[]
}

/**
 * Rows `start`, `start` + 1 and so on of a data file for people, whatever they hold.
 *
 * @param characters of a value at most
 * @throws file-unreadable, data-invalid where the file is no longer what it was
 */
export function readTable(index: RowIndex, start: number, count: number, characters: number): TableRow[] {
  const { columns } = index.layout
  return [...readIndexed(index, start, count)].map((each) => {
    if (each.kind === 'row') {
      const { line, fields } = each.row
      return { line, values: columns.map((name) => shortened(valueText(fields.get(name)), characters)) }
    }
    const { line, preview } = each.bad
    return { line, values: columns.map((_, at) => (at === 0 ? shortened(preview, characters) : '')) }
  })
}
