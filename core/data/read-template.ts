import type { TemplateSyntax } from '../schema/task.js'
import { jinjaTemplate } from './jinja-template.js'
import { fieldText } from './row.js'
import type { RowTemplate } from './row-template.js'
import { parseTemplate, renderTemplate, templateColumns } from './template.js'

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
