import { noSpecialTokens } from './no-special-tokens.js'
import type { Tokenizer } from './tokenizer.js'

/**
 * Every character is a token, numbered as in Unicode: for looking at rows before there is a model. Nothing is special, and what
 * the ids say of a model's own is nothing.
 */
export const characterTokenizer: Tokenizer = {
  vocabularySize: 0x110000,
  ...noSpecialTokens,
  encode: (text) => charactersOf(text),
  cut: (text) => [text],
  decode: (ids) => textOf(ids),
  stream: () => (id) => String.fromCodePoint(id),
  toJson: () => ({}),
}

/** As `Array.from`, without a text for each character. */
function charactersOf(text: string): number[] {
  const ids: number[] = []
  for (let at = 0; at < text.length; at++) {
    const id = text.codePointAt(at) ?? 0
    if (id > 0xffff) at++
    ids.push(id)
  }
  return ids
}

const idsPerCall = 8192

/** In pieces, since arguments lie on the stack. */
function textOf(ids: readonly number[]): string {
  let text = ''
  for (let at = 0; at < ids.length; at += idsPerCall) {
    text += String.fromCodePoint(...ids.slice(at, at + idsPerCall))
  }
  return text
}
