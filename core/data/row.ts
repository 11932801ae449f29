import { dataInvalid, shown } from './data-error.js'

/** One row of a data file. */
export interface Row {
  /** Line where the row starts, from 1; the header of a table is line 1. */
  readonly line: number
  /** Values by column: text in tables, anything that JSON holds in JSON Lines. */
  readonly fields: ReadonlyMap<string, unknown>
}

/** A row of a table before its columns have names. */
export interface TableRecord {
  readonly line: number
  readonly values: readonly string[]
}

/** A single value as text: numbers and booleans of JSON are written out. Undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value : undefined
}

/**
 * The text of a field.
 *
 * @throws data-invalid where the field is missing, or a list or an object
 */
export function fieldText(path: string, row: Row, column: string): string {
  const value = row.fields.get(column)
  const text = scalarText(value)
  if (text !== undefined) return text
  const found = value === undefined ? 'no such field' : shown(value)
  throw dataInvalid(path, row.line, column, `expected text, found ${found}`)
}
