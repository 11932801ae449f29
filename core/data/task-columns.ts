import type { TextTask } from '../schema/task.js'
import { rowTemplate } from './read-template.js'

/**
 * Columns that a task names, in its templates or alone.
 *
 * @throws request-invalid, template-invalid for a malformed template
 */
export function taskColumns(task: TextTask): readonly string[] {
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
      return named(task.prompt, task.answer, task.system, task.accepted, task.options)
    case 'preference':
      return named(task.prompt, task.chosen, task.rejected, task.system)
    case 'text':
      return named(task.text)
    case 'chat':
      return [task.messages]
  }
}

/**
 * Columns that a task's prompt is made of.
 *
 * @throws request-invalid, template-invalid for a malformed template
 */
export function promptColumns(task: TextTask): readonly string[] {
  switch (task.kind) {
    case 'labels':
    case 'answer':
    case 'preference':
      return rowTemplate(task.prompt, task.syntax).columns
    case 'text':
      return rowTemplate(task.text, task.syntax).columns
    case 'chat':
      return [task.messages]
  }
}

/** What people call a column that says where a row comes from. */
const sourceNames: readonly string[] = [
  'source',
  'dataset',
  'origin',
  'subset',
  'domain',
  'language',
  'lang',
  'file',
]

/** The column that says where rows come from, if one that the task does not use is called so. */
export function sourceColumn(columns: readonly string[], used: readonly string[]): string | null {
  const free = columns.filter((column) => !used.includes(column))
  return sourceNames.flatMap((name) => free.filter((column) => column.toLowerCase() === name)).at(0) ?? null
}
