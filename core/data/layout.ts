import { extname } from 'node:path'
import { collectBadRows } from './bad-rows.js'
import { readCsv } from './csv.js'
import { dataInsufficient, dataInvalid } from './data-error.js'
import { readJsonl } from './jsonl.js'
import { readLines } from './read-lines.js'
import type { TableRecord } from './row.js'
import { readTsv } from './tsv.js'

/** How the rows of a file are written, and what its columns are called. */
export type Layout =
  | { readonly format: 'tsv'; readonly columns: readonly string[] }
  | { readonly format: 'csv'; readonly columns: readonly string[]; readonly delimiter: string }
  /** One JSON object a line. */
  | { readonly format: 'jsonl'; readonly columns: readonly string[] }
  /** Plain text: every line that is not blank is a row with one column, `text`. */
  | { readonly format: 'lines'; readonly columns: readonly ['text'] }

type Format = Layout['format']

const formatOfExtension = new Map<string, Format>([
  ['.tsv', 'tsv'],
  ['.tab', 'tsv'],
  ['.csv', 'csv'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
])
/** Rows looked at for the keys of a JSON Lines file: optional keys are often absent from the first. */
const sampledRows = 100
const delimiters = [',', ';', '|', '\t']

/**
 * Finds out how a data file is written, from its extension or else its first line, and its columns.
 *
 * @throws file-unreadable, data-insufficient (nothing in it), data-invalid (its header)
 */
export function readLayout(path: string): Layout {
  const first = firstText(path)
  const format = formatOfExtension.get(extname(path).toLowerCase()) ?? formatOfContent(first)
  switch (format) {
    case 'tsv':
      return { format, columns: headerColumns(path, readTsv(path, collectBadRows(false))) }
    case 'csv': {
      const delimiter = delimiterOf(first)
      return {
        format,
        delimiter,
        columns: headerColumns(path, readCsv(path, delimiter, collectBadRows(false))),
      }
    }
    case 'jsonl':
      return { format, columns: sampleKeys(path) }
    case 'lines':
      return { format, columns: ['text'] }
  }
}

function firstText(path: string): string {
  for (const { text } of readLines(path, collectBadRows(false))) if (text.trim() !== '') return text
  throw dataInsufficient(path, 'is empty')
}

function formatOfContent(first: string): Format {
  if (/^\s*[{[]/.test(first)) return 'jsonl'
  if (first.includes('\t')) return 'tsv'
  // A header is single words between delimiters; prose has spaces.
  return /^"?[\w-]+"?([,;]"?[\w-]+"?)+$/.test(first) ? 'csv' : 'lines'
}

/** The likely character that occurs most often in the header. */
function delimiterOf(header: string): string {
  const counts = delimiters.map((delimiter) => header.split(delimiter).length)
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ','
}

function headerColumns(path: string, records: Generator<TableRecord>): readonly string[] {
  for (const { line, values } of records) {
    const names = values.map((name) => name.trim())
    const repeated = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
    if (repeated === undefined) return names
    throw dataInvalid(path, line, repeated, 'expected every column to have a name of its own, found it twice')
  }
  throw dataInsufficient(path, 'is empty')
}

function sampleKeys(path: string): readonly string[] {
  const keys = new Set<string>()
  let rows = 0
  for (const { fields } of readJsonl(path, collectBadRows(true))) {
    for (const key of fields.keys()) keys.add(key)
    if (++rows === sampledRows) break
  }
  return [...keys]
}
