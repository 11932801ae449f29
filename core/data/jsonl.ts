import { rowProblem } from '../schema/row-problems.js'
import type { BadRows } from './bad-rows.js'
import { dataInvalid, shown } from './data-error.js'
import type { TextFile } from './files/text-file.js'
import { isDeeper, parseJson } from './parse-json.js'
import { readLines, type LinePlace } from './read-lines.js'
import type { Row } from './row.js'

/** Deeper lists and objects than people write; beyond, programs that walk them run out of stack. */
const deepest = 64

/**
 * Rows of a JSON Lines file: one object a line; empty lines are left out.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readJsonl(file: TextFile, badRows: BadRows, from?: LinePlace): Generator<Row> {
  for (const { number, text, offset } of readLines(file, badRows, from)) {
    if (text.trim() === '') continue
    const fields = objectFields(text, 'line')
    if (typeof fields !== 'string') yield { line: number, fields, offset, text: () => text }
    else badRows.report(dataInvalid(file.path, number, '', fields), text)
  }
}

/** The fields of an object in JSON, or what is wrong with it as a line of the file, an element of its list or alone. */
export function objectFields(
  text: string,
  part: 'line' | 'element' | 'object',
): ReadonlyMap<string, unknown> | string {
  const parsed = parseJson(text)
  if (!parsed.isValid) return rowProblem(`${part}-broken`, { found: shown(text), reason: parsed.problem })
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return rowProblem(`${part}-odd`, { found: shown(value) })
  }
  if (isDeeper(value, deepest)) return rowProblem('lists-deep', { total: deepest })
  return new Map<string, unknown>(Object.entries(value))
}
