import type { BadRows } from './bad-rows.js'
import { correctedRows } from './corrected-rows.js'
import { readCsv } from './csv.js'
import { dataInvalid } from './data-error.js'
import { readFolder } from './folder.js'
import { readJson } from './json.js'
import { readJsonl } from './jsonl.js'
import type { Layout } from './layout.js'
import { readParquet } from './parquet/read-parquet.js'
import { readPipeTable } from './pipe-table.js'
import { namedFields } from './parse-row.js'
import { readLines, type LinePlace } from './read-lines.js'
import type { Row, TableRecord } from './row.js'
import { readTsv } from './tsv.js'

/**
 * Rows of a data file, one at a time, so that none needs to be kept.
 *
 * @param from where to begin: a place that an earlier row of the file had (`offset` and `line`); the first row where it is
 *   left out
 * @throws file-unreadable, data-invalid
 */
export function* readRows(
  path: string,
  layout: Layout,
  badRows: BadRows,
  from: LinePlace = layout.start,
): Generator<Row> {
  if (layout.corrections === undefined) yield* readAsWritten(path, layout, badRows, from)
  else yield* correctedRows(path, layout, badRows, (caught) => readAsWritten(path, layout, caught, from))
}

function* readAsWritten(path: string, layout: Layout, badRows: BadRows, from: LinePlace): Generator<Row> {
  switch (layout.format) {
    case 'tsv':
      yield* nameFields(path, layout.columns, readTsv(layout.file, badRows, from), badRows)
      break
    case 'csv':
      yield* nameFields(path, layout.columns, readCsv(layout.file, layout.delimiter, badRows, from), badRows)
      break
    case 'pipes':
      yield* nameFields(path, layout.columns, readPipeTable(layout.file, badRows, from), badRows)
      break
    case 'jsonl':
      yield* readJsonl(layout.file, badRows, from)
      break
    case 'json':
      yield* readJson(layout.file, badRows, from)
      break
    case 'parquet':
      yield* readParquet(path, badRows, from)
      break
    case 'folder':
      yield* readFolder(path, badRows, from)
      break
    case 'lines':
      for (const { number, text, offset } of readLines(layout.file, badRows, from)) {
        if (text.trim() === '') continue
        yield { line: number, fields: new Map([['text', text]]), offset, text: () => text }
      }
  }
}

/** Names the values of every record by the columns. */
function* nameFields(
  path: string,
  columns: readonly string[],
  records: Generator<TableRecord>,
  badRows: BadRows,
): Generator<Row> {
  for (const { line, values, offset, text } of records) {
    const fields = namedFields(columns, values)
    if (typeof fields !== 'string') yield { line, fields, offset, text }
    else badRows.report(dataInvalid(path, line, columns[values.length] ?? '', fields), text())
  }
}
