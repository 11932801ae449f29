import { tokenKind } from './vocabulary.js'

/** A token that is recognised by its spelling before a text is cut into words. */
export interface SpelledToken {
  readonly id: number
  readonly text: string
}

/**
 * Tokens recognised by spelling, longest first: user-defined ones always; control and unknown ones only where special
 * spellings are parsed.
 */
export function spelledTokens(
  texts: readonly string[],
  kinds: Uint8Array,
  special: 'text' | 'parse',
): SpelledToken[] {
  const isSpelled = (kind: number): boolean =>
    kind === tokenKind.userDefined ||
    (special === 'parse' && (kind === tokenKind.control || kind === tokenKind.unknown))
  return texts
    .flatMap((text, id) => (isSpelled(kinds[id]) ? [{ id, text, byteLength: Buffer.byteLength(text) }] : []))
    .sort((first, second) => second.byteLength - first.byteLength)
}

/**
 * Cuts `text` at the spellings of `tokens`: a list of texts and ids.
 *
 * As in llama.cpp a longer spelling wins over a shorter one wherever they stand, not the leftmost one.
 */
export function partitionText(text: string, tokens: readonly SpelledToken[]): (string | number)[] {
  let parts: (string | number)[] = [text]
  for (const token of tokens) {
    const isPresent = parts.some((part) => typeof part === 'string' && part.includes(token.text))
    if (isPresent) parts = parts.flatMap((part) => (typeof part === 'string' ? cutAt(part, token) : [part]))
  }
  return parts
}

function cutAt(text: string, token: SpelledToken): (string | number)[] {
  const parts: (string | number)[] = []
  text.split(token.text).forEach((between, index) => {
    if (index > 0) parts.push(token.id)
    if (between !== '') parts.push(between)
  })
  return parts
}
