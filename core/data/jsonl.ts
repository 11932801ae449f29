import type { BadRows } from './bad-rows.js'
import { dataInvalid, shown } from './data-error.js'
import { readLines } from './read-lines.js'
import type { Row } from './row.js'

/**
 * Rows of a JSON Lines file: one object a line; empty lines are left out.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readJsonl(path: string, badRows: BadRows): Generator<Row> {
  for (const { number, text } of readLines(path, badRows)) {
    if (text.trim() === '') continue
    const value = parseJson(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      yield { line: number, fields: new Map<string, unknown>(Object.entries(value)) }
    } else {
      const problem = `expected one JSON object a line, found ${value === undefined ? shown(text) : shown(value)}`
      badRows.report(dataInvalid(path, number, '', problem))
    }
  }
}

/** Undefined where `text` is not JSON: nothing that JSON can write parses to it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
