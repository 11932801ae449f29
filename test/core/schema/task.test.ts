import { describe, expect, it } from 'vitest'
import { parseTask } from '../../../core/schema/task.js'
import { caughtError } from '../../support/caught-error.js'

describe('a task', () => {
  it('has the version of this program where it names none', () => {
    expect(parseTask({ kind: 'text', text: '{text}' }, 'task.json')).toEqual({
      version: 1,
      kind: 'text',
      text: '{text}',
    })
  })

  it.each([
    { version: 1, kind: 'labels', prompt: '{a} is', labelColumn: 'b', labels: { x: ' x', y: ' y' } },
    { version: 1, kind: 'labels', prompt: '{a} is' },
    { version: 1, kind: 'answer', prompt: '{a}', answer: '{b}' },
    { version: 1, kind: 'preference', prompt: '{a}', chosen: '{b}', rejected: '{c}', beta: 0.3 },
    { version: 1, kind: 'chat', messages: 'turns' },
  ])('of kind $kind is read as it stands', (task) => {
    expect(parseTask(task, 'task.json')).toEqual(task)
  })

  it('of a newer version is refused with both versions', () => {
    const error = caughtError(() => parseTask({ version: 2, kind: 'sorting', how: 'well' }, 'task.json'))
    expect(error).toMatchObject({
      code: 'version-newer',
      details: { path: 'task.json', found: 2, supported: 1 },
    })
  })

  it.each([
    ['an unknown kind', { kind: 'sorting' }, /kind/],
    ['an unknown field', { kind: 'text', text: '{text}', prompt: 'x' }, /prompt/],
    ['a missing template', { kind: 'answer', prompt: '{a}' }, /answer/],
    [
      'pairs that hold to nothing',
      { kind: 'preference', prompt: '{a}', chosen: '{b}', rejected: '{c}', beta: 0 },
      /beta/,
    ],
    ['a template that is no text', { kind: 'text', text: 3 }, /text: /],
    [
      'one label',
      { kind: 'labels', prompt: '{a}', labels: { x: ' x' } },
      /labels: expected at least two labels/,
    ],
    ['a label without text', { kind: 'labels', prompt: '{a}', labels: { x: ' x', y: '' } }, /labels\.y/],
    ['a version that is no number', { version: 'one', kind: 'text', text: '{a}' }, /version/],
    ['a list', [], /task\.json is not a task/],
  ])('with %s is refused by name', (_, value, message) => {
    const error = caughtError(() => parseTask(value, 'task.json'))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(message)
  })
})
