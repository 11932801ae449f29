import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { Span } from './assistant-spans.js'

/** A conversation's ids, and which of them the assistant says. Same length; the first is never scored. */
export interface ChatTokens {
  readonly tokens: Int32Array
  readonly scored: Uint8Array
}

/** A part of the text with its place. */
interface Part {
  readonly text: string
  readonly id: number | null
  readonly from: number
  readonly to: number
}

/**
 * Ids of a rendered text, scored where they lie in a span: up to the first end token in it or right after it. A token
 * that reaches into a span counts as in it.
 *
 * @param open puts the spellings back that were closed before rendering
 */
export function encodeSpans(
  text: string,
  spans: readonly Span[],
  open: (text: string) => string,
  tokenizer: Tokenizer,
): ChatTokens {
  const tokens: number[] = []
  const scored: number[] = []
  const ended = new Set<Span>()
  for (const part of locateParts(text, tokenizer)) {
    const ids = part.id === null ? tokenizer.encode(open(part.text), 'text') : [part.id]
    const start = tokens.length
    for (const id of ids) {
      tokens.push(id)
      scored.push(0)
    }
    for (const span of spans) {
      if (ended.has(span) || span.start >= part.to || span.end < part.from) continue
      const isEnd = part.id !== null && tokenizer.endIds.has(part.id)
      if (part.id !== null) scored[start] = isEnd || span.end > part.from ? 1 : 0
      else
        scored.fill(1, start + countBefore(span.start, part, ids), start + countBefore(span.end, part, ids))
      if (isEnd) ended.add(span)
    }
  }
  return withBos(tokens, scored, tokenizer)

  function countBefore(position: number, part: Part, ids: readonly number[]): number {
    if (position <= part.from) return 0
    if (position >= part.to) return ids.length
    const before = tokenizer.encode(open(part.text.slice(0, position - part.from)), 'text')
    const firstOther = before.findIndex((id, index) => id !== ids[index])
    return firstOther < 0 ? before.length : firstOther
  }
}

function locateParts(text: string, tokenizer: Tokenizer): Part[] {
  let position = 0
  return tokenizer.cut(text).map((part) => {
    const id = typeof part === 'number' ? part : null
    const spelling = typeof part === 'number' ? tokenizer.decode([part], { keepSpecial: true }) : part
    const from = position
    position += spelling.length
    return { text: spelling, id, from, to: position }
  })
}

/** BOS comes once, whether or not the template writes it. */
function withBos(tokens: readonly number[], scored: readonly number[], tokenizer: Tokenizer): ChatTokens {
  const { addsBos, bosId } = tokenizer
  const isMissing = addsBos && bosId !== null && tokens[0] !== bosId
  const marks = Uint8Array.from(isMissing ? [0, ...scored] : scored)
  marks.fill(0, 0, 1)
  return { tokens: Int32Array.from(isMissing ? [bosId, ...tokens] : tokens), scored: marks }
}
