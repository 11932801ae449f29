import { describe, expect, it } from 'vitest'
import { readTask } from '../../../core/data/read-task.js'
import { dataFolder } from '../../support/data-folder.js'
import { errorOf } from '../../support/error-of.js'

const write = dataFolder()

describe('a task file', () => {
  it('is a task in JSON, with or without a byte order mark', () => {
    const task = { version: 1, kind: 'text', text: '{text}' }
    expect(readTask(write('task.json', JSON.stringify(task)))).toEqual(task)
    expect(readTask(write('task.json', `\ufeff${JSON.stringify(task)}`))).toEqual(task)
  })

  it.each([
    ['is not JSON', '{"kind": ', 'request-invalid'],
    ['is too large', ' '.repeat(1024 * 1024 + 1), 'request-invalid'],
    ['is of a newer version', '{"version": 9}', 'version-newer'],
  ])('that %s is refused', (_, content, code) => {
    expect(errorOf(() => readTask(write('task.json', content))).code).toBe(code)
  })

  it('that is not there is unreadable', () => {
    expect(errorOf(() => readTask(`${write('task.json', '')}.missing`)).code).toBe('file-unreadable')
  })
})
