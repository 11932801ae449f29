import { describe, expect, it } from 'vitest'
import { readTask } from '../../../core/data/read-task.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

describe('a task file', () => {
  it('is a task in JSON, with or without a byte order mark', () => {
    const task = { version: 1, kind: 'text', text: '{text}' }
    expect(readTask(dataFile('task.json', JSON.stringify(task)))).toEqual(task)
    expect(readTask(dataFile('task.json', `\ufeff${JSON.stringify(task)}`))).toEqual(task)
  })

  it.each([
    ['is not JSON', '{"kind": ', 'request-invalid'],
    ['is too large', ' '.repeat(1024 * 1024 + 1), 'request-invalid'],
    ['is of a newer version', '{"version": 9}', 'version-newer'],
  ])('that %s is refused', (_, content, code) => {
    expect(caughtError(() => readTask(dataFile('task.json', content))).code).toBe(code)
  })

  it('that is not there is unreadable', () => {
    expect(caughtError(() => readTask(`${dataFile('task.json', '')}.missing`)).code).toBe('file-unreadable')
  })
})
