import type { EngineError } from '../schema/engine-error.js'
import { shortened } from './shortened.js'

const keptMessages = 5
const keptRows = 200
const previewCharacters = 300

/** A row that cannot be used, for people. */
export interface BadRow {
  /** From 1; 0 where it is not known. */
  readonly line: number
  /** Empty where no single column is meant. */
  readonly column: string
  /** What was expected and what was found. */
  readonly problem: string
  /** The start of the row as the file has it; empty where that is no text. */
  readonly preview: string
}

/** Decides what happens with a row that cannot be used. */
export interface BadRows {
  /**
   * Throws the error, or counts it.
   *
   * @param text of the row, as the file has it
   */
  report(error: EngineError, text?: string): void
  /** Rows left out so far. */
  count(): number
  /** What was wrong with the first of them. */
  messages(): readonly string[]
  /** The first 200 of them. */
  rows(): readonly BadRow[]
}

/** Stops at the first bad row, or (with `skip`) counts bad rows and keeps the first of them. */
export function collectBadRows(skip: boolean): BadRows {
  let count = 0
  const messages: string[] = []
  const rows: BadRow[] = []
  return {
    report(error, text = '') {
      if (!skip) throw error
      count++
      if (messages.length < keptMessages) messages.push(error.message)
      if (rows.length < keptRows) rows.push(badRowOf(error, text))
    },
    count: () => count,
    messages: () => messages,
    rows: () => rows,
  }
}

/** Hands each bad row on, in its place among the others. */
export function tellBadRows(tell: (bad: BadRow) => void): BadRows {
  return { ...collectBadRows(true), report: (error, text = '') => tell(badRowOf(error, text)) }
}

/** The row of an error, without the path that every row of a file has. */
export function badRowOf({ message, details }: EngineError, text: string): BadRow {
  const line = 'line' in details ? details.line : Number(/, line (\d+):/.exec(message)?.[1] ?? 0)
  const column = 'column' in details ? details.column : ''
  const where = column === '' ? `, line ${line}: ` : `, line ${line}, column '${column}': `
  const start = message.indexOf(where)
  const problem = start < 0 ? message : message.slice(start + where.length)
  return { line, column, problem, preview: shortened(text, previewCharacters) }
}
