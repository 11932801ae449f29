import type { BadRows } from './bad-rows.js'
import type { TextFile } from './files/text-file.js'
import { readLines, type LinePlace } from './read-lines.js'
import type { TableRecord } from './row.js'

const rule = /^\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$/

/** True for the line of dashes between the header and the rows of a table as Markdown writes it. */
export function isTableRule(line: string): boolean {
  return line.includes('|') && rule.test(line.trim())
}

/**
 * Records of a table with bars between its values, as Markdown and many web pages write it; the line of dashes is left out,
 * and `\|` is a bar.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readPipeTable(file: TextFile, badRows: BadRows, from?: LinePlace): Generator<TableRecord> {
  for (const { number, text, offset, end } of readLines(file, badRows, from)) {
    const line = text.trim()
    if (line === '' || isTableRule(line)) continue
    yield { line: number, values: pipeValues(line), offset, end, text: () => text }
  }
}

/** The values of one line of such a table. */
export function pipeValues(line: string): readonly string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return inner.split(/(?<!\\)\|/).map((value) => value.trim().replaceAll('\\|', '|'))
}
