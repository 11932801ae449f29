import { valueText } from './column-statistics.js'
import { messagesIn } from './conversation.js'

/** What is said in a value: of a conversation its messages without the names of who speaks, of all else the value as text. */
export function spokenText(value: unknown): string {
  const messages = messagesIn(value)
  return messages === null ? valueText(value) : messages.map(({ content }) => content).join('\n')
}
