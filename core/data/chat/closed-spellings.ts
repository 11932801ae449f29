import { EngineError } from '../../schema/engine-error.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { ChatMessage } from './chat-message.js'
import { rowProblem } from '../../schema/row-problems.js'

/** Messages in which stand-ins replace the spellings of control tokens, and the way back. */
export interface ClosedMessages {
  readonly messages: readonly ChatMessage[]
  /** Puts the spellings back. */
  readonly open: (text: string) => string
  /** Characters that occur in no message and stand for nothing yet. */
  readonly markers: readonly [string, string]
}

/**
 * Replaces every spelling of a control token in the messages by one unused character, so that a template's output can be
 * parsed for special tokens without finding those that a person wrote. The character is not white space, so templates
 * that trim treat the text as before.
 *
 * @throws EngineError `template-invalid` where no unused character is left
 */
export function closeSpellings(messages: readonly ChatMessage[], tokenizer: Tokenizer): ClosedMessages {
  const texts = messages.flatMap(({ role, content }) => [role, content])
  const spellings = [...new Set(texts.flatMap((text) => closedIn(text, tokenizer)))]
  const [first, last, ...free] = unusedCharacters(texts.join(''), spellings.length + 2)
  const standIns = new Map(spellings.map((spelling, index) => [spelling, free[index]]))
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
    markers: [first, last],
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

/** Ranges of code points: noncharacters, which no text should contain, then the private use area. */
const unusedRanges = [
  [0xfdd0, 0xfdef],
  [0xe000, 0xf8ff],
] as const

/** The first `count` of those characters that `text` lacks. */
function unusedCharacters(text: string, count: number): string[] {
  const unused: string[] = []
  for (const [first, last] of unusedRanges) {
    for (let code = first; code <= last && unused.length < count; code++) {
      const character = String.fromCharCode(code)
      if (!text.includes(character)) unused.push(character)
    }
  }
  if (unused.length === count) return unused
  const reason = rowProblem('template-marks', {})
  throw new EngineError('template-invalid', { reason }, `the chat template ${reason}`)
}
