import type { Task } from '../schema/task.js'
import { rowTemplate } from './row-template.js'

/**
 * Columns that a task names, in its templates or alone.
 *
 * @throws request-invalid, template-invalid for a malformed template
 */
export function taskColumns(task: Task): readonly string[] {
  const named = (...sources: (string | undefined)[]): readonly string[] =>
    sources.flatMap((source) =>
      source === undefined || task.kind === 'chat' ? [] : rowTemplate(source, task.syntax).columns,
    )
  switch (task.kind) {
    case 'labels':
      return [
        ...named(task.prompt, task.system),
        ...(task.labelColumn === undefined ? [] : [task.labelColumn]),
      ]
    case 'answer':
      return named(task.prompt, task.answer, task.system)
    case 'preference':
      return named(task.prompt, task.chosen, task.rejected, task.system)
    case 'text':
      return named(task.text)
    case 'chat':
      return [task.messages]
  }
}
