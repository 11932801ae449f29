import { describe, expect, it } from 'vitest'
import { textTask, type TextTask } from '../../../core/schema/task.js'
import { draftGap, draftOf, emptyDraft, taskKinds, taskOf } from '../../../renderer/src/wizard/task-draft.js'

const tasks: readonly TextTask[] = [
  { version: 1, kind: 'labels', prompt: '{text} It was', labelColumn: 'label' },
  { version: 1, kind: 'labels', prompt: '{text}', labelColumn: 'label', labels: { 0: ' bad', 1: ' good' } },
  { version: 1, kind: 'answer', prompt: '{question}', answer: ' {answer}' },
  {
    version: 1,
    kind: 'preference',
    prompt: '{question}',
    chosen: ' {good}',
    rejected: ' {bad}',
    beta: 0.2,
  },
  { version: 1, kind: 'text', text: '{text}' },
  { version: 1, kind: 'chat', messages: 'turns' },
]

describe('the draft of a task', () => {
  it.each(tasks)('says the same task again: $kind', (original) => {
    expect(taskOf(draftOf(original))).toEqual(original)
    expect(textTask.parse(taskOf(draftOf(original)))).toEqual(original)
  })

  it.each(taskKinds)('names what is missing in an empty draft: %s', (kind) => {
    const draft = { ...emptyDraft, kind }
    expect(draftGap(draft)).toBeDefined()
    expect(taskOf(draft)).toBeNull()
  })

  it('keeps what was written for one kind while another is tried', () => {
    const written = draftOf(tasks[1])
    const back = { ...{ ...written, kind: 'text' as const }, kind: 'labels' as const }
    expect(taskOf(back)).toEqual(tasks[1])
  })
})
