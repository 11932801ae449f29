import { EngineError } from '../schema/engine-error.js'
import { templateRenderer } from './chat/template-renderer.js'
import { dataInvalid } from './data-error.js'
import { templateNames } from './jinja-names.js'
import type { RowTemplate } from './row-template.js'

/** The whole row by this name, for columns whose names are no words: `row['my column']`. */
const wholeRow = 'row'

/**
 * Reads a Jinja template whose variables are a row's columns. Numbers, lists and objects of JSON keep their kinds; null is
 * undefined. A column that is asked about (`is defined`) need not be there. Rendering has the time and size limits of chat templates; templates
 * without loops cannot run long and do without the timer.
 *
 * @throws template-invalid where it does not parse
 */
export function jinjaTemplate(source: string): RowTemplate {
  // Jinja drops one line break at the end of a template; a prompt means it.
  const kept = source.endsWith('\n') ? `${source}\n` : source
  const { render, limited } = templateRenderer(kept, { name: `template '${source}'`, date: null })
  const { used, hasLoops } = templateNames(source)
  const columns = used.filter((name) => name !== wholeRow)
  return {
    columns,
    render: (row, { path, columnOf }) => {
      const fields = Object.fromEntries([...row.fields].map(([name, value]) => [name, value ?? undefined]))
      const renamed = Object.fromEntries(columns.map((name) => [name, fields[columnOf(name)]]))
      const variables = { [wholeRow]: fields, ...fields, ...renamed }
      try {
        return hasLoops ? limited(1, () => render(variables)) : render(variables)
      } catch (thrown) {
        if (!(thrown instanceof EngineError) || thrown.code !== 'template-invalid') throw thrown
        throw dataInvalid(path, row.line, '', thrown.message)
      }
    },
  }
}
