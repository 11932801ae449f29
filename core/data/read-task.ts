import { readFileSync, statSync } from 'node:fs'
import { EngineError } from '../schema/engine-error.js'
import { parseTask, type Task } from '../schema/task.js'
import { fileUnreadable } from './file-unreadable.js'

const maxTaskBytes = 1024 * 1024

/**
 * Reads a task file: a task as JSON.
 *
 * @throws file-unreadable, request-invalid, version-newer
 */
export function readTask(path: string): Task {
  return parseTask(parseJson(path, readText(path)), path)
}

function readText(path: string): string {
  try {
    const { size } = statSync(path)
    if (size <= maxTaskBytes) return readFileSync(path, 'utf8')
  } catch (cause) {
    throw fileUnreadable(path, cause)
  }
  throw notJson(path, `expected at most ${maxTaskBytes} bytes`)
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown
  } catch (cause) {
    throw notJson(path, cause instanceof Error ? cause.message : String(cause))
  }
}

function notJson(path: string, reason: string): EngineError<'request-invalid'> {
  return new EngineError('request-invalid', { issues: [reason] }, `${path} is not a task in JSON: ${reason}`)
}
