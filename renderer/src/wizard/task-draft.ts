import type { TextTask } from '../../../core/schema/task.js'
import { templateColumns } from './template.js'

export type TaskKind = TextTask['kind']
export const taskKinds: readonly TaskKind[] = ['labels', 'answer', 'preference', 'text', 'chat']

/**
 * A task while it is being written: every kind's fields at once, so that changing the kind and back loses nothing. Empty text
 * and null stand for what is still missing.
 */
export interface TaskDraft {
  readonly kind: TaskKind
  readonly prompt: string
  readonly answer: string
  readonly chosen: string
  readonly rejected: string
  /** Of a preference: how little the model may leave the base. */
  readonly beta: number
  /** Prompts are put as messages, in the model's own template. */
  readonly chat: boolean
  /** Of the system message over them; empty for none. */
  readonly system: string
  readonly text: string
  readonly messages: string | null
  readonly labelColumn: string | null
  /** From what the file writes to what the model reads; null for a space and the same word. */
  readonly labels: Readonly<Record<string, string>> | null
}

export const emptyDraft: TaskDraft = {
  kind: 'labels',
  prompt: '',
  answer: '',
  chosen: '',
  rejected: '',
  beta: 0.1,
  chat: false,
  system: '',
  text: '',
  messages: null,
  labelColumn: null,
  labels: null,
}

/** The draft of a task, for a person to go on with. */
export function draftOf(task: TextTask): TaskDraft {
  switch (task.kind) {
    case 'labels':
      return {
        ...emptyDraft,
        kind: 'labels',
        prompt: task.prompt,
        labelColumn: task.labelColumn ?? null,
        labels: task.labels ?? null,
        ...framingIn(task),
      }
    case 'answer':
      return {
        ...emptyDraft,
        kind: 'answer',
        prompt: task.prompt,
        answer: task.answer,
        ...framingIn(task),
      }
    case 'preference': {
      const { prompt, chosen, rejected, beta } = task
      return { ...emptyDraft, kind: 'preference', prompt, chosen, rejected, beta, ...framingIn(task) }
    }
    case 'text':
      return { ...emptyDraft, kind: 'text', text: task.text }
    case 'chat':
      return { ...emptyDraft, kind: 'chat', messages: task.messages }
  }
}

/** What a draft still lacks. */
export type DraftGap = 'prompt' | 'label-column' | 'answer' | 'chosen' | 'rejected' | 'text' | 'messages'

/** The first thing that is missing; undefined where the draft is a task. */
export function draftGap(draft: TaskDraft): DraftGap | undefined {
  switch (draft.kind) {
    case 'labels':
      if (draft.labelColumn === null) return 'label-column'
      return hasColumn(draft.prompt) ? undefined : 'prompt'
    case 'answer':
      if (!hasColumn(draft.prompt)) return 'prompt'
      return hasColumn(draft.answer) ? undefined : 'answer'
    case 'preference':
      if (!hasColumn(draft.prompt)) return 'prompt'
      if (!hasColumn(draft.chosen)) return 'chosen'
      return hasColumn(draft.rejected) ? undefined : 'rejected'
    case 'text':
      return hasColumn(draft.text) ? undefined : 'text'
    case 'chat':
      return draft.messages === null ? 'messages' : undefined
  }
}

/** The task that a draft says; null while something is missing. */
export function taskOf(draft: TaskDraft): TextTask | null {
  if (draftGap(draft) !== undefined) return null
  const { kind, prompt, answer, chosen, rejected, beta, text, messages, labelColumn, labels } = draft
  const framing = framingOf(draft)
  switch (kind) {
    case 'labels':
      return {
        version: 1,
        kind,
        prompt,
        ...(labelColumn === null ? {} : { labelColumn }),
        ...(labels === null ? {} : { labels }),
        ...framing,
      }
    case 'answer':
      return { version: 1, kind, prompt, answer, ...framing }
    case 'preference':
      return { version: 1, kind, prompt, chosen, rejected, beta, ...framing }
    case 'text':
      return { version: 1, kind, text }
    case 'chat':
      return { version: 1, kind, messages: messages ?? 'messages' }
  }
}

/** What stands around the prompts of a task. */
function framingIn({ chat, system }: { chat?: boolean | undefined; system?: string | undefined }) {
  return { chat: chat === true, system: system ?? '' }
}

/** A system message stands in a conversation only. */
function framingOf({ chat, system }: TaskDraft): { chat?: true; system?: string } {
  if (!chat) return {}
  return system.trim() === '' ? { chat } : { chat, system }
}

// A template without a column says the same for every row: nothing to learn.
function hasColumn(template: string): boolean {
  return templateColumns(template).length > 0
}
