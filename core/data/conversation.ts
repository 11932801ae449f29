import type { ChatMessage } from './chat/chat-message.js'
import { dataInvalid, shown } from './data-error.js'
import type { Row } from './row.js'

/**
 * The conversation in a field.
 *
 * @throws data-invalid where it is not a list of `{"role": …, "content": …}`
 */
export function conversationOf(path: string, row: Row, column: string): readonly ChatMessage[] {
  const value = row.fields.get(column)
  if (!Array.isArray(value) || value.length === 0) {
    throw dataInvalid(path, row.line, column, `expected a list of messages, found ${shown(value)}`)
  }
  return value.map((message: unknown) => {
    if (isMessage(message)) return { role: message.role, content: message.content }
    const expected = 'expected messages like {"role": "user", "content": "text"}'
    throw dataInvalid(path, row.line, column, `${expected}, found ${shown(message)}`)
  })
}

function isMessage(message: unknown): message is ChatMessage {
  if (typeof message !== 'object' || message === null) return false
  const { role, content } = message as Partial<Record<keyof ChatMessage, unknown>>
  return typeof role === 'string' && typeof content === 'string'
}
