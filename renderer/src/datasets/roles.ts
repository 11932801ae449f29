import { type TaskDraft } from '../wizard/task-draft.js'
import { placeOf, templateColumns, withoutColumn } from '../wizard/template.js'

/** What a column is for. */
export type ColumnRole =
  'prompt' | 'label' | 'answer' | 'chosen' | 'rejected' | 'text' | 'messages' | 'unused'
export const columnRoles: readonly ColumnRole[] = [
  'prompt',
  'label',
  'answer',
  'chosen',
  'rejected',
  'text',
  'messages',
  'unused',
]

/** What a column is for in a draft. */
export function roleOf(draft: TaskDraft, column: string): ColumnRole {
  const isIn = (template: string) => templateColumns(template).includes(column)
  switch (draft.kind) {
    case 'labels':
      if (draft.labelColumn === column) return 'label'
      return isIn(draft.prompt) ? 'prompt' : 'unused'
    case 'answer':
      if (isIn(draft.answer)) return 'answer'
      return isIn(draft.prompt) ? 'prompt' : 'unused'
    case 'preference':
      if (isIn(draft.chosen)) return 'chosen'
      if (isIn(draft.rejected)) return 'rejected'
      return isIn(draft.prompt) ? 'prompt' : 'unused'
    case 'text':
      return isIn(draft.text) ? 'text' : 'unused'
    case 'chat':
      return draft.messages === column ? 'messages' : 'unused'
  }
}

/** Gives a column another role. The kind of the task follows where the role belongs to one; the rest is kept. */
export function withRole(draft: TaskDraft, column: string, role: ColumnRole): TaskDraft {
  const without: TaskDraft = {
    ...draft,
    prompt: withoutColumn(draft.prompt, column),
    answer: withoutColumn(draft.answer, column),
    chosen: withoutColumn(draft.chosen, column),
    rejected: withoutColumn(draft.rejected, column),
    text: withoutColumn(draft.text, column),
    labelColumn: draft.labelColumn === column ? null : draft.labelColumn,
    messages: draft.messages === column ? null : draft.messages,
  }
  switch (role) {
    case 'unused':
      return without
    case 'label':
      // The words of other labels mean nothing for this column.
      return { ...without, kind: 'labels', labelColumn: column, labels: null }
    case 'answer':
      return { ...without, kind: 'answer', answer: joined(without.answer, column, ' ') }
    case 'chosen':
      return { ...without, kind: 'preference', chosen: joined(without.chosen, column, ' ') }
    case 'rejected':
      return { ...without, kind: 'preference', rejected: joined(without.rejected, column, ' ') }
    case 'text':
      return { ...without, kind: 'text', text: joined(without.text, column, '\n') }
    case 'messages':
      return { ...without, kind: 'chat', messages: column }
    case 'prompt': {
      const kind = draft.kind === 'answer' || draft.kind === 'preference' ? draft.kind : 'labels'
      return { ...without, kind, prompt: joined(without.prompt, column, '\n') }
    }
  }
}

function joined(template: string, column: string, separator: string): string {
  return template === '' ? placeOf(column) : `${template}${separator}${placeOf(column)}`
}
