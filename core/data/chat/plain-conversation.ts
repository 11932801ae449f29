import { characterTokenizer } from '../tokenizer/character-tokenizer.js'
import type { ChatMessage } from './chat-message.js'
import type { ChatTokens } from './encode-spans.js'

/** Conversations in characters, each message after the name of who says it: for looking at rows before there is a model. */
export const plainConversation = {
  prompt: (messages: readonly ChatMessage[]): readonly number[] =>
    characterTokenizer.encode(messages.map(turnText).join(''), 'text'),
  conversation: (messages: readonly ChatMessage[]): ChatTokens => {
    const tokens: number[] = []
    const scored: number[] = []
    const add = (text: string, mark: 0 | 1): void => {
      for (const id of characterTokenizer.encode(text, 'text')) {
        tokens.push(id)
        scored.push(mark)
      }
    }
    for (const { role, content } of messages) {
      add(`${role}: `, 0)
      add(content, role === 'assistant' ? 1 : 0)
      add('\n', 0)
    }
    return { tokens: Int32Array.from(tokens), scored: Uint8Array.from(scored) }
  },
}

function turnText({ role, content }: ChatMessage): string {
  return `${role}: ${content}\n`
}
