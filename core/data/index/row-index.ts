import { statSync } from 'node:fs'
import { tellBadRows, type BadRow } from '../bad-rows.js'
import { folderFiles } from '../folder.js'
import { readLayout, type Layout } from '../layout.js'
import { parquetRowCount } from '../parquet/read-parquet.js'
import { readRows } from '../read-rows.js'
import type { Row } from '../row.js'
import { RowMarks } from './row-marks.js'
import { hasPlainLines, scanLines } from './scan-lines.js'

/** Where the rows of a file are: enough to read any of them at once, in memory that does not grow with the file. */
export interface RowIndex {
  readonly path: string
  readonly layout: Layout
  /** Those that cannot be used included. */
  readonly rowCount: number
  readonly marks: RowMarks
}

/** A row of a file, or what stands in its place. */
export type IndexedRow =
  { readonly kind: 'row'; readonly row: Row } | { readonly kind: 'bad'; readonly bad: BadRow }

const rowsPerReport = 1000

/**
 * Goes through a file once and notes where its rows are. Whoever asks may stop between two reports.
 *
 * @returns yields how many of the file's bytes were read so far; null where that is not known
 * @throws file-unreadable, data-insufficient (nothing in it), data-invalid (its header)
 */
export function* indexRows(path: string): Generator<number | null, RowIndex> {
  const layout = readLayout(path)
  const marks = new RowMarks()
  const common = { path, layout, marks }
  switch (layout.format) {
    // Their rows are found by number.
    case 'parquet':
      return { ...common, rowCount: parquetRowCount(path) }
    case 'folder':
      return { ...common, rowCount: folderFiles(path).length }
    case 'jsonl':
    case 'lines':
    case 'tsv':
      if (hasPlainLines(layout.file)) {
        const isBlank = (text: string): boolean => (layout.format === 'tsv' ? text : text.trim()) === ''
        let rowCount = 0
        yield* scanLines(layout.file, layout.start, isBlank, (offset, number) => {
          marks.add(rowCount++, offset, number)
        })
        return { ...common, rowCount }
      }
  }
  return { ...common, rowCount: yield* markRows(path, layout, marks) }
}

/** Marks rows by reading them. */
function* markRows(path: string, layout: Layout, marks: RowMarks): Generator<number | null, number> {
  const isPacked = 'file' in layout && layout.file.compression !== null
  const size = statSync(path).size
  let rowCount = 0
  for (const each of rowsFrom(path, layout, layout.start)) {
    if (each.kind === 'row') {
      const { offset, line } = each.row
      if (offset !== undefined) marks.add(rowCount, offset, line)
      if (rowCount % rowsPerReport === 0)
        yield isPacked || offset === undefined ? null : Math.min(offset, size)
    }
    rowCount++
  }
  return rowCount
}

/**
 * Reads rows `start`, `start` + 1 and so on, from the nearest place that is known.
 *
 * @throws file-unreadable; data-invalid where the file is no longer what it was
 */
export function* readIndexed(
  { path, layout, rowCount, marks }: RowIndex,
  start: number,
  count: number,
): Generator<IndexedRow> {
  const isNumbered = layout.format === 'parquet' || layout.format === 'folder'
  const mark = isNumbered ? { row: start, offset: start, number: start + 1 } : marks.before(start)
  let at = mark?.row ?? 0
  const end = Math.min(rowCount, start + count)
  if (start >= end) return
  for (const each of rowsFrom(path, layout, mark ?? layout.start)) {
    if (at >= start) yield each
    at++
    if (at >= end) return
  }
}

/** Rows, and bad rows in their places. */
function* rowsFrom(
  path: string,
  layout: Layout,
  from: { readonly offset: number; readonly number: number },
): Generator<IndexedRow> {
  let waiting: IndexedRow[] = []
  const badRows = tellBadRows((bad) => waiting.push({ kind: 'bad', bad }))
  for (const row of readRows(path, layout, badRows, from)) {
    yield* waiting
    waiting = []
    yield { kind: 'row', row }
  }
  yield* waiting
}
