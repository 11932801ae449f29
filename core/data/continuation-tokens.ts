import type { Tokenizer } from './tokenizer/tokenizer.js'

const lineBreak = '\n'

/**
 * Ids of text that goes on after a prompt. Some tokenizers put a space before every text; for those the text is read
 * after a line break, which no token of theirs joins to what follows.
 */
export function continuationTokens(text: string, tokenizer: Tokenizer): readonly number[] {
  const alone = tokenizer.encode(text, 'text')
  const spell = tokenizer.stream()
  if (alone.map((id) => spell(id)).join('') === text) return alone
  const before = tokenizer.encode(lineBreak, 'text')
  const both = tokenizer.encode(lineBreak + text, 'text')
  return before.every((id, index) => both[index] === id) ? both.slice(before.length) : alone
}
