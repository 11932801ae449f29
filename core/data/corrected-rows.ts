import type { EngineError } from '../schema/engine-error.js'
import type { RowCorrection } from '../schema/row-selection.js'
import type { BadRows } from './bad-rows.js'
import { dataInvalid } from './data-error.js'
import type { Layout } from './layout.js'
import { parseRow } from './parse-row.js'
import type { Row } from './row.js'
import { fingerprint } from './row-fingerprint.js'

/** The layout of a file some of whose rows are read as a person corrected them. */
export function withCorrections(layout: Layout, corrections: readonly RowCorrection[]): Layout {
  if (corrections.length === 0) return layout
  return { ...layout, corrections: new Map(corrections.map((each) => [each.line, each])) }
}

/**
 * The rows that `read` gives, those with a correction as their corrected text says, also where they could not be read.
 *
 * @param read rows as the file has them, bad ones reported to what it is given
 */
export function* correctedRows(
  path: string,
  { corrections = new Map(), ...layout }: Layout,
  badRows: BadRows,
  read: (badRows: BadRows) => Generator<Row>,
): Generator<Row> {
  const waiting: Row[] = []
  const correct = (correction: RowCorrection, offset?: number): Row | null => {
    const { line, text } = correction
    const fields = parseRow(layout, text)
    if (typeof fields !== 'string')
      return { line, fields, text: () => text, ...(offset !== undefined && { offset }) }
    badRows.report(dataInvalid(path, line, '', fields), text)
    return null
  }
  const correctionOf = (line: number, text: string): RowCorrection | null => {
    const found = corrections.get(line)
    return found === undefined || (found.was !== null && found.was !== fingerprint(text)) ? null : found
  }
  const catching: BadRows = {
    ...badRows,
    report: (error, text = '') => {
      const correction = correctionOf(lineOf(error), text)
      if (correction === null) badRows.report(error, text)
      else {
        const row = correct(correction)
        if (row !== null) waiting.push(row)
      }
    },
  }
  for (const row of read(catching)) {
    yield* waiting.splice(0)
    const correction = corrections.has(row.line) ? correctionOf(row.line, row.text?.() ?? '') : null
    const corrected = correction === null ? row : correct(correction, row.offset)
    if (corrected !== null) yield corrected
  }
  yield* waiting
}

function lineOf({ details }: EngineError): number {
  return 'line' in details ? details.line : 0
}
