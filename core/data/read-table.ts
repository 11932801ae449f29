import { collectBadRows } from './bad-rows.js'
import { valueText } from './column-statistics.js'
import { readLayout } from './layout.js'
import { readRows } from './read-rows.js'
import { shortened } from './shortened.js'

/** A row of a data file as a table shows it. */
export interface TableRow {
  readonly line: number
  /** In the order of the file's columns; nothing where a row lacks one. */
  readonly values: readonly string[]
}

/**
 * Rows of a data file for people, whatever they hold; those that cannot be read are left out.
 *
 * @param characters of a value at most
 * @throws file-unreadable, data-insufficient, data-invalid (its header)
 */
export function* readTable(path: string, characters: number): Generator<TableRow> {
  const layout = readLayout(path)
  for (const { line, fields } of readRows(path, layout, collectBadRows(true))) {
    yield { line, values: layout.columns.map((name) => shortened(valueText(fields.get(name)), characters)) }
  }
}
