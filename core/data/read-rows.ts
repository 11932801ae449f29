import type { BadRows } from './bad-rows.js'
import { readCsv } from './csv.js'
import { dataInvalid } from './data-error.js'
import { readJsonl } from './jsonl.js'
import type { Layout } from './layout.js'
import { readLines } from './read-lines.js'
import type { Row, TableRecord } from './row.js'
import { readTsv } from './tsv.js'

/**
 * Rows of a data file, one at a time, so that none needs to be kept.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readRows(path: string, layout: Layout, badRows: BadRows): Generator<Row> {
  switch (layout.format) {
    case 'tsv':
      yield* nameFields(path, layout.columns, readTsv(path, badRows), badRows)
      break
    case 'csv':
      yield* nameFields(path, layout.columns, readCsv(path, layout.delimiter, badRows), badRows)
      break
    case 'jsonl':
      yield* readJsonl(path, badRows)
      break
    case 'lines':
      for (const { number, text } of readLines(path, badRows)) {
        if (text.trim() !== '') yield { line: number, fields: new Map([['text', text]]) }
      }
  }
}

/** Leaves out the header and names the values of every other record by it. */
function* nameFields(
  path: string,
  columns: readonly string[],
  records: Generator<TableRecord>,
  badRows: BadRows,
): Generator<Row> {
  records.next()
  for (const { line, values } of records) {
    if (values.length === columns.length) {
      yield { line, fields: new Map(columns.map((column, index) => [column, values[index]])) }
    } else {
      const problem = `expected ${columns.length} fields as in the header, found ${values.length}`
      badRows.report(dataInvalid(path, line, columns[values.length] ?? '', problem))
    }
  }
}
