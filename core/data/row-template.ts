import type { TemplateSyntax } from '../schema/task.js'
import { jinjaTemplate } from './jinja-template.js'
import { fieldText, type Row } from './row.js'
import { parseTemplate, renderTemplate, templateColumns } from './template.js'

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

/**
 * Reads a template.
 *
 * @throws request-invalid, template-invalid where it is malformed
 */
export function rowTemplate(source: string, syntax: TemplateSyntax = 'columns'): RowTemplate {
  if (syntax === 'jinja') return jinjaTemplate(source)
  const template = parseTemplate(source)
  return {
    columns: templateColumns(template),
    render: (row, { path, columnOf }) =>
      renderTemplate(template, (name) => fieldText(path, row, columnOf(name))),
  }
}
