import { collectBadRows } from './bad-rows.js'
import { dataInsufficient, dataInvalid } from './data-error.js'
import { findDelimiter } from './delimiter.js'
import type { TextFile } from './files/text-file.js'
import { utf8Chunks } from './files/utf8-chunks.js'
import { isTableRule } from './pipe-table.js'
import { readLines } from './read-lines.js'

/** How the rows of a text file are written. */
export type TextFormat = 'tsv' | 'csv' | 'pipes' | 'jsonl' | 'json' | 'lines'

const sampledLines = 20
/** Records with as many values as the header, from which on a file of no known name is a table. */
const tableShare = 0.8

/**
 * The format of a text file, by its extension where that is a known one and its first lines do not say otherwise.
 *
 * @param extension in small letters, with its dot
 * @throws file-unreadable, data-insufficient where nothing is in it
 */
export function textFormat(file: TextFile, extension: string): TextFormat {
  const head = firstText(file)
  // A list may be one line of any length.
  if (/^\s*\[\s*\{/.test(head)) return 'json'
  if (/^\s*\{[^\n]*$/.test(head) && extension === '.json') return 'json'
  const lines = firstLines(file)
  const [first, second = ''] = lines
  switch (extension) {
    case '.tsv':
    case '.tab':
      return !first.includes('\t') && findDelimiter(file).columnCount > 1 ? 'csv' : 'tsv'
    case '.csv':
      return 'csv'
    case '.jsonl':
    case '.ndjson':
      return /^\s*(\{|\[)\s*$/.test(first) ? 'json' : 'jsonl'
    case '.json':
      return jsonFormat(first, second)
  }
  if (/^\s*[{[]/.test(first)) return jsonFormat(first, second)
  if (isTableRule(second)) return 'pipes'
  const { delimiter, columnCount, share } = findDelimiter(file)
  const isTable = columnCount > 1 && share >= tableShare
  if (first.includes('\t') && isTable && delimiter === '\t') return quotedTabs(lines)
  // A header is single words between delimiters; prose has spaces.
  return isTable && isHeader(first) ? 'csv' : 'lines'
}

function jsonFormat(first: string, second: string): TextFormat {
  const isOneObject = /^\s*\{.*\}\s*$/.test(first)
  return isOneObject && (second === '' || /^\s*\{/.test(second)) ? 'jsonl' : 'json'
}

function isHeader(line: string): boolean {
  return /^(sep=.|"?[\p{L}\p{N}_.-]+"?([,;|]"?[\p{L}\p{N}_.-]+"?)+)$/u.test(line)
}

/** Cells that are copied from a spreadsheet have quotes where they have line ends; elsewhere quotes in TSV are text. */
function quotedTabs(lines: readonly string[]): TextFormat {
  const counts = new Set(lines.map((line) => line.split('\t').length))
  return counts.size > 1 && lines.some((line) => /(^|\t)"/.test(line)) ? 'csv' : 'tsv'
}

/** The start of the file, without white space at its end. */
function firstText(file: TextFile): string {
  const [head = Buffer.alloc(0)] = utf8Chunks(file)
  return head.toString('utf8').trimEnd()
}

function firstLines(file: TextFile): readonly string[] {
  const badRows = collectBadRows(true)
  const lines: string[] = []
  for (const { text } of readLines(file, badRows)) {
    if (text.trim() !== '') lines.push(text)
    if (lines.length === sampledLines) break
  }
  if (lines.length > 0) return lines
  const problem = badRows.messages().at(0)
  if (problem === undefined) throw dataInsufficient(file.path, 'is empty')
  throw dataInvalid(file.path, 0, '', `expected lines of text, found none; the first problem: ${problem}`)
}
