import { dataInvalid, shown } from './data-error.js'
import type { Row } from './row.js'

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** Writes a conversation in the model's own template; `scored` is 1 for the tokens that the assistant wrote. */
export type ChatEncoder = (messages: readonly ChatMessage[]) => { tokens: Int32Array; scored: Uint8Array }

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
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown }
    if (typeof role === 'string' && typeof content === 'string') return { role, content }
    const expected = 'expected messages like {"role": "user", "content": "text"}'
    throw dataInvalid(path, row.line, column, `${expected}, found ${shown(message)}`)
  })
}
