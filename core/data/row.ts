import { rowProblem } from '../schema/row-problems.js'
import { dataInvalid, shown } from './data-error.js'

/** One row of a data file. */
export interface Row {
  /**
   * Line where the row starts, from 1; the header of a table is line 1. In what has no lines (a list in JSON, Parquet, a folder)
   * the number of the row, from 1. No two rows have the same.
   */
  readonly line: number
  /** Values by column: text in tables, anything that JSON holds in JSON and Parquet. */
  readonly fields: ReadonlyMap<string, unknown>
  /** Where the row starts: bytes of the uncompressed file, or the rows before it where there are no such bytes. */
  readonly offset?: number
  /** The row as the file has it, where that is text. */
  readonly text?: () => string
}

/** A row of a table before its columns have names. */
export interface TableRecord {
  readonly line: number
  readonly values: readonly string[]
  readonly offset: number
  /** Where the record after it starts. */
  readonly end: number
  readonly text: () => string
}

/** A single value as text: numbers and booleans of JSON are written out. Undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value : undefined
}

/**
 * The value of a column. A name with dots that is no column leads into lists and objects: `answers.text.0` is the first
 * entry of the list `text` of the object `answers`.
 */
export function fieldValue({ fields }: Row, column: string): unknown {
  if (fields.has(column)) return fields.get(column)
  const [first, ...keys] = column.split('.')
  let value = fields.get(first)
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

/** Whether a file with these columns may have a value of that name; see `fieldValue`. */
export function hasColumn(columns: readonly string[], name: string): boolean {
  return columns.includes(name) || columns.includes(name.split('.', 1)[0])
}

/**
 * The text of a field.
 *
 * @throws data-invalid where the field is missing, or a list or an object
 */
export function fieldText(path: string, row: Row, column: string): string {
  const value = fieldValue(row, column)
  const text = scalarText(value)
  if (text !== undefined) return text
  const problem =
    value === undefined
      ? rowProblem('field-missing', {})
      : rowProblem('text-expected', { found: shown(value) })
  throw dataInvalid(path, row.line, column, problem)
}
