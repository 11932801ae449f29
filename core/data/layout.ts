import { notice } from '../schema/notices.js'
import type { RowCorrection } from '../schema/row-selection.js'
import { extname } from 'node:path'
import { collectBadRows } from './bad-rows.js'
import { readCsv } from './csv.js'
import { dataInsufficient } from './data-error.js'
import { findDelimiter } from './delimiter.js'
import { fileChunks } from './files/open-file.js'
import { openTextFile, type TextFile } from './files/text-file.js'
import { utf8Chunks } from './files/utf8-chunks.js'
import { folderColumns, isFolder } from './folder.js'
import { jsonStart, readJson } from './json.js'
import { readJsonl } from './jsonl.js'
import { isParquet, parquetColumns } from './parquet/read-parquet.js'
import { readPipeTable } from './pipe-table.js'
import { readLines, type LinePlace } from './read-lines.js'
import type { Row, TableRecord } from './row.js'
import { tableHeader } from './table-header.js'
import { textFormat, type TextFormat } from './text-format.js'
import { readTsv } from './tsv.js'

interface Common {
  readonly columns: readonly string[]
  /** Where the first row starts. */
  readonly start: LinePlace
  /** What a person should know about how the file is read. */
  readonly notices: readonly string[]
  /** What is read in the place of some rows, by their lines. */
  readonly corrections?: ReadonlyMap<number, RowCorrection>
}

interface OfText extends Common {
  readonly file: TextFile
}

/** How the rows of a file are written, and what its columns are called. */
export type Layout =
  | ({ readonly format: 'tsv' } & OfText)
  | ({ readonly format: 'csv'; readonly delimiter: string } & OfText)
  /** A table with bars, as in Markdown. */
  | ({ readonly format: 'pipes' } & OfText)
  /** One JSON object a line. */
  | ({ readonly format: 'jsonl' } & OfText)
  /** A list of JSON objects, or objects one after the other. */
  | ({ readonly format: 'json' } & OfText)
  /** Plain text: every line that is not blank is a row with one column, `text`. */
  | ({ readonly format: 'lines' } & OfText)
  | ({ readonly format: 'parquet' } & Common)
  /** A folder of texts, a file a row. */
  | ({ readonly format: 'folder' } & Common)

/** Rows looked at for the keys of JSON, which are often absent from the first, and for the header of a table. */
const sampledRows = 100
const fileStart: LinePlace = { offset: 0, number: 1 }
const headBytes = 64 * 1024

/**
 * Finds out how a data file is written, from its first bytes, its extension and its first lines, and its columns.
 *
 * @throws file-unreadable, data-insufficient (nothing in it), data-invalid (no text, or no table)
 */
export function readLayout(path: string): Layout {
  const common = { start: fileStart, notices: [] }
  if (isFolder(path)) return { format: 'folder', columns: folderColumns(path), ...common }
  const [head = Buffer.alloc(0)] = fileChunks(path)
  if (isParquet(head)) return { format: 'parquet', columns: parquetColumns(path), ...common }
  const file = openTextFile(path)
  return textLayout(file, textFormat(file, extensionOf(file)))
}

/** Of `rows.csv.gz`, the extension of the file within. */
function extensionOf({ path, compression }: TextFile): string {
  const inner = compression === null ? path : path.replace(/\.(gz|gzip|zst|zstd)$/i, '')
  return extname(inner).toLowerCase()
}

function textLayout(file: TextFile, format: TextFormat): Layout {
  const start = fileStart
  const notices = encodingNotices(file)
  const quiet = collectBadRows(true)
  switch (format) {
    case 'lines':
      return { format, file, start, notices, columns: ['text'] }
    case 'jsonl':
      return { format, file, start, notices, columns: sampleKeys(readJsonl(file, quiet)) }
    case 'json': {
      const place = { offset: jsonOffset(file), number: 1 }
      return { format, file, start: place, notices, columns: sampleKeys(readJson(file, quiet, place)) }
    }
    case 'tsv':
      return { format, file, ...headerOf(file, notices, (from) => readTsv(file, quiet, from)) }
    case 'pipes':
      return { format, file, ...headerOf(file, notices, (from) => readPipeTable(file, quiet, from)) }
    case 'csv': {
      const named = separatorLine(file)
      const delimiter = named?.delimiter ?? findDelimiter(file).delimiter
      const read = (from?: LinePlace) => readCsv(file, delimiter, quiet, from)
      return { format, delimiter, file, ...headerOf(file, notices, read, named?.next) }
    }
  }
}

function headerOf(
  { path }: TextFile,
  before: readonly string[],
  read: (from?: LinePlace) => Generator<TableRecord>,
  from: LinePlace = fileStart,
): Common {
  const records = take(read(from), sampledRows)
  if (records.length === 0) throw dataInsufficient(path, 'is empty')
  const { notices, ...header } = tableHeader(records, from)
  return { ...header, notices: [...before, ...notices] }
}

/** Excel reads and writes `sep=;` as a first line that names the delimiter. */
function separatorLine(file: TextFile): { delimiter: string; next: LinePlace } | undefined {
  for (const { text, number, end } of readLines(file, collectBadRows(true))) {
    const delimiter = /^"?sep=(.)"?$/i.exec(text)?.[1]
    return delimiter === undefined ? undefined : { delimiter, next: { offset: end, number: number + 1 } }
  }
  return undefined
}

function jsonOffset(file: TextFile): number {
  const [head = Buffer.alloc(0)] = utf8Chunks(file)
  return jsonStart(head.toString('utf8', 0, headBytes))
}

function sampleKeys(rows: Generator<Row>): readonly string[] {
  const keys = new Set<string>()
  for (const { fields } of take(rows, sampledRows)) for (const key of fields.keys()) keys.add(key)
  return [...keys]
}

function take<T>(values: Generator<T>, count: number): T[] {
  const taken: T[] = []
  for (const value of values) {
    taken.push(value)
    if (taken.length === count) break
  }
  return taken
}

function encodingNotices({ encoding, path }: TextFile): string[] {
  if (encoding !== 'windows-1252') return []
  return [notice('not-utf-8', { file: path })]
}
