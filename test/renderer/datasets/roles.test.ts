import { describe, expect, it } from 'vitest'
import { columnRoles, roleOf, withRole } from '../../../renderer/src/datasets/roles.js'
import { draftOf, emptyDraft, taskOf } from '../../../renderer/src/wizard/task-draft.js'

const draft = draftOf({
  version: 1,
  kind: 'labels',
  prompt: '{message}\nTeam:',
  labelColumn: 'team',
  labels: { a: ' a', b: ' b' },
})

describe('the role of a column', () => {
  it('is read from the draft', () => {
    expect(roleOf(draft, 'message')).toBe('prompt')
    expect(roleOf(draft, 'team')).toBe('label')
    expect(roleOf(draft, 'date')).toBe('unused')
  })

  it.each(columnRoles)('is %s after it was made so, from any start', (role) => {
    for (const start of [draft, emptyDraft, { ...draft, kind: 'chat' as const }]) {
      for (const column of ['message', 'team', 'date']) {
        expect(roleOf(withRole(start, column, role), column)).toBe(role)
      }
    }
  })

  it('leaves the rest of a prompt alone when its column goes', () => {
    const without = withRole(draft, 'message', 'unused')
    expect(without.prompt).toBe('Team:')
    expect(withRole(without, 'message', 'prompt').prompt).toBe('Team:\n{message}')
  })

  it('turns the task into answers when a column is called the answer', () => {
    expect(taskOf(withRole(draft, 'team', 'answer'))).toEqual({
      version: 1,
      kind: 'answer',
      prompt: '{message}\nTeam:',
      answer: '{team}',
    })
  })

  it('forgets the words of the labels when another column is the label', () => {
    expect(withRole(draft, 'date', 'label').labels).toBeNull()
  })
})
