import { EngineError } from '../../schema/engine-error.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { ChatMessage } from './chat-message.js'

/** Messages in which stand-ins replace the spellings of control tokens, and the way back. */
export interface ClosedMessages {
  readonly messages: readonly ChatMessage[]
  /** Puts the spellings back. */
  readonly open: (text: string) => string
  /** Characters that occur in no message and stand for nothing yet. */
  readonly markers: readonly [string, string]
}

/** Noncharacters first, which no text should contain, then the private use area. */
const candidates = [...characterRange(0xfdd0, 0xfdef), ...characterRange(0xe000, 0xf8ff)]

/**
 * Replaces every spelling of a control token in the messages by one unused character, so that a template's output can be
 * parsed for special tokens without finding those that a person wrote. The character is not white space, so templates
 * that trim treat the text as before.
 *
 * @throws EngineError `template-invalid` where no unused character is left
 */
export function closeSpellings(messages: readonly ChatMessage[], tokenizer: Tokenizer): ClosedMessages {
  const written = new Set(messages.flatMap(({ role, content }) => Array.from(role + content)))
  const spellings = new Set(
    messages.flatMap(({ role, content }) => [role, content].flatMap((text) => closedIn(text, tokenizer))),
  )
  const free = candidates.filter((character) => !written.has(character))
  if (free.length < spellings.size + 2) {
    const reason = 'has no unused character left to mark messages with'
    throw new EngineError('template-invalid', { reason }, `the chat template ${reason}`)
  }
  const standIns = new Map([...spellings].map((spelling, index) => [spelling, free[index + 2]]))
  const originals = new Map(Array.from(standIns, ([spelling, standIn]) => [standIn, spelling]))
  const close = (text: string): string =>
    tokenizer
      .cut(text)
      .map((part) => (typeof part === 'string' ? part : spellingOf(part, tokenizer)))
      .map((part) => standIns.get(part) ?? part)
      .join('')
  return {
    messages: messages.map(({ role, content }) => ({ role: close(role), content: close(content) })),
    open: (text) => (originals.size === 0 ? text : openText(text, originals)),
    markers: [free[0], free[1]],
  }
}

function openText(text: string, originals: ReadonlyMap<string, string>): string {
  return Array.from(text, (character) => originals.get(character) ?? character).join('')
}

/** Spellings in a text of tokens that only parsing finds; others are found in any text. */
function closedIn(text: string, tokenizer: Tokenizer): string[] {
  return tokenizer.cut(text).flatMap((part) => {
    if (typeof part === 'string') return []
    const spelling = spellingOf(part, tokenizer)
    return tokenizer.encode(spelling, 'text').join() === String(part) ? [] : [spelling]
  })
}

function spellingOf(id: number, tokenizer: Tokenizer): string {
  return tokenizer.decode([id], { keepSpecial: true })
}

function characterRange(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index))
}
