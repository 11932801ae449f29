import type { Row } from './row.js'

/** A template of a task, in either syntax. */
export interface RowTemplate {
  /** Columns that it names, each once. */
  readonly columns: readonly string[]
  /** Its text for a row. Throws data-invalid where the row lacks something. */
  readonly render: (row: Row, source: RowSource) => string
}

/** Where rows come from. */
export interface RowSource {
  readonly path: string
  /** Column of the file for a column that the task names. */
  readonly columnOf: (name: string) => string
}
