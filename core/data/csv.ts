import { rowProblem } from '../schema/row-problems.js'
import type { BadRows } from './bad-rows.js'
import { dataInvalid } from './data-error.js'
import type { TextFile } from './files/text-file.js'
import { maxLineBytes, readLines, type Line, type LinePlace } from './read-lines.js'
import type { TableRecord } from './row.js'

const unclosed = rowProblem('quote-open', {})

/** A record under way: its finished values, and the text of a quoted field that goes on in the next line. */
interface OpenRecord {
  readonly lines: Line[]
  readonly values: string[]
  quoted: string | null
  characters: number
}

/**
 * Records of a CSV file, the header included. A quoted field may hold delimiters, doubled quotes and line ends (read as
 * LF); empty lines are left out. A record with broken quotes costs one bad row: reading goes on in its second line.
 *
 * Source: RFC 4180, section 2.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readCsv(
  file: TextFile,
  delimiter: string,
  badRows: BadRows,
  from?: LinePlace,
  limitCharacters = maxLineBytes,
): Generator<TableRecord> {
  let open = openRecord()
  // Lines to read next, the nearest last: one of the file, or those of a broken record once more.
  const waiting: Line[] = []
  const fail = (problem: string): void => {
    const [first, ...rest] = open.lines
    open = openRecord()
    for (const line of rest.reverse()) waiting.push(line)
    badRows.report(dataInvalid(file.path, first.number, '', problem), first.text)
  }
  function* readWaiting(): Generator<TableRecord> {
    for (let line = waiting.pop(); line; line = waiting.pop()) {
      if (open.lines.length === 0 && line.text === '') continue
      open.lines.push(line)
      open.characters += line.text.length + 1
      const problem = addFields(open, line.text, delimiter)
      if (problem !== null) fail(problem)
      else if (open.quoted === null) {
        yield recordOf(open)
        open = openRecord()
      } else if (open.characters > limitCharacters) fail(unclosed)
    }
  }
  for (const line of readLines(file, badRows, from)) {
    waiting.push(line)
    yield* readWaiting()
  }
  while (open.lines.length > 0) {
    fail(unclosed)
    yield* readWaiting()
  }
}

/** The values of a text that is one record, or what is wrong with it. */
export function csvValues(text: string, delimiter: string): readonly string[] | string {
  const record = openRecord()
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0 && record.quoted === null) return rowProblem('second-line', {})
    const problem = addFields(record, line, delimiter)
    if (problem !== null) return problem
  }
  return record.quoted === null ? record.values : unclosed
}

/** Adds the fields of one line to a record. Returns what is wrong with it, or null. */
function addFields(record: OpenRecord, text: string, delimiter: string): string | null {
  let at = 0
  let quoted = record.quoted === null ? null : `${record.quoted}\n`
  for (;;) {
    if (quoted === null && text[at] === '"') {
      quoted = ''
      at++
    }
    if (quoted === null) {
      const end = text.indexOf(delimiter, at)
      record.values.push(text.slice(at, end < 0 ? undefined : end))
      record.quoted = null
      if (end < 0) return null
      at = end + 1
      continue
    }
    const quote = text.indexOf('"', at)
    quoted += text.slice(at, quote < 0 ? undefined : quote)
    record.quoted = quoted
    if (quote < 0) return null
    const after = text.charAt(quote + 1)
    at = quote + 2
    if (after === '"') {
      quoted += '"'
      continue
    }
    if (after !== '' && after !== delimiter) {
      return rowProblem('quote-inside', { delimiter, found: after, at })
    }
    record.values.push(quoted)
    record.quoted = quoted = null
    if (after === '') return null
  }
}

function openRecord(): OpenRecord {
  return { lines: [], values: [], quoted: null, characters: 0 }
}

function recordOf({ lines, values }: OpenRecord): TableRecord {
  const [first] = lines
  const end = lines[lines.length - 1].end
  const text = (): string => lines.map((line) => line.text).join('\n')
  return { line: first.number, values, offset: first.offset, end, text }
}
