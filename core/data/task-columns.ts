import type { Task } from '../schema/task.js'
import { parseTemplate, templateColumns } from './template.js'

/**
 * Columns that a task names, in its templates or alone.
 *
 * @throws request-invalid for a malformed template
 */
export function taskColumns(task: Task): readonly string[] {
  const inTemplates = (...sources: string[]) =>
    sources.flatMap((source) => templateColumns(parseTemplate(source)))
  switch (task.kind) {
    case 'labels':
      return [...inTemplates(task.prompt), ...(task.labelColumn === undefined ? [] : [task.labelColumn])]
    case 'answer':
      return inTemplates(task.prompt, task.answer)
    case 'preference':
      return inTemplates(task.prompt, task.chosen, task.rejected)
    case 'text':
      return inTemplates(task.text)
    case 'chat':
      return [task.messages]
  }
}
