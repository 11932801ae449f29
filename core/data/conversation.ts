import { rowProblem } from '../schema/row-problems.js'
import type { ChatMessage } from './chat/chat-message.js'
import { dataInvalid, shown } from './data-error.js'
import { parseJson } from './parse-json.js'
import type { Row } from './row.js'

/** Who says a message, in the words of the data sets that spell it `from` and `value`. */
const speakers: Readonly<Record<string, string>> = {
  human: 'user',
  prompter: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  bot: 'assistant',
  model: 'assistant',
}

/**
 * The messages that a value holds: a list of `{"role": …, "content": …}` or of `{"from": …, "value": …}` (ShareGPT), as such or
 * written out in JSON, as tables have it. Null for anything else.
 */
export function messagesIn(value: unknown): readonly ChatMessage[] | null {
  const list = typeof value === 'string' && /^\s*\[\s*\{/.test(value) ? parsed(value) : value
  if (!Array.isArray(list) || list.length === 0) return null
  const messages = list.map(messageOf)
  return messages.every((message) => message !== null) ? messages : null
}

/**
 * The conversation in a field.
 *
 * @throws data-invalid where it is none, see `messagesIn`
 */
export function conversationOf(path: string, row: Row, column: string): readonly ChatMessage[] {
  const value = row.fields.get(column)
  const messages = messagesIn(value)
  if (messages !== null) return messages
  if (!Array.isArray(value) || value.length === 0) {
    throw dataInvalid(path, row.line, column, rowProblem('messages-expected', { found: shown(value) }))
  }
  const wrong: unknown = value.find((message) => messageOf(message) === null)
  throw dataInvalid(path, row.line, column, rowProblem('message-odd', { found: shown(wrong) }))
}

function messageOf(message: unknown): ChatMessage | null {
  if (typeof message !== 'object' || message === null) return null
  const { role, content, from, value } = message as Readonly<Record<string, unknown>>
  const [speaker, said] = role === undefined ? [from, value] : [role, content]
  const text = textOf(said)
  if (typeof speaker !== 'string' || text === null) return null
  return { role: Object.hasOwn(speakers, speaker) ? speakers[speaker] : speaker, content: text }
}

/** A text, or the texts of a list of parts such as `{"type": "text", "text": …}`. */
function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content
  if (!Array.isArray(content) || content.length === 0) return null
  const texts = content.map((part: unknown) =>
    typeof part === 'object' && part !== null ? (part as Readonly<Record<string, unknown>>)['text'] : null,
  )
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : null
}

function parsed(text: string): unknown {
  const found = parseJson(text)
  return found.isValid ? found.value : null
}
