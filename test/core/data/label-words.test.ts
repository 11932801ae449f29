import { describe, expect, it } from 'vitest'
import { labelNotices, labelWords } from '../../../core/data/label-words.js'
import { labelOptions } from '../../../core/data/label-options.js'
import type { Tokenizer } from '../../../core/data/tokenizer/tokenizer.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'

/** A byte tokenizer that knows some words, each one token. */
function knowing(...words: string[]): Tokenizer {
  const bytes = byteTokenizer()
  const spell = (id: number): string => (id >= 1000 ? words[id - 1000] : bytes.decode([id]))
  return {
    ...bytes,
    encode: (text, special) =>
      words.includes(text) ? [1000 + words.indexOf(text)] : bytes.encode(text, special),
    decode: (ids) => ids.map(spell).join(''),
    stream: () => spell,
  }
}
const task = { version: 1, kind: 'labels', prompt: '{text} is' } as const
const notices = (words: Record<string, string>, tokenizer: Tokenizer) =>
  labelNotices({ kind: 'labels', options: labelOptions(words, tokenizer) }, task, tokenizer)
const source = { prompt: '{text} is', usesChat: false }

describe('the words of labels', () => {
  it("are the file's own with a space before, where these are one token each", () => {
    const tokenizer = knowing(' Yes', ' No', ' yes', ' no')
    expect(labelWords(['Yes', 'No'], { ...source, tokenizer })).toEqual({ Yes: ' Yes', No: ' No' })
  })

  it('are in another spelling where only that makes each one token', () => {
    const tokenizer = knowing(' positive', ' negative', ' POSITIVE')
    const words = labelWords(['POSITIVE', 'NEGATIVE'], { ...source, tokenizer })
    expect(words).toEqual({ POSITIVE: ' positive', NEGATIVE: ' negative' })
    expect(notices(words, tokenizer)).toEqual([
      `labels are read in another spelling, which is one token each: 'POSITIVE' as " positive", 'NEGATIVE' as " negative"`,
    ])
  })

  it('stay apart: spellings that meet are not taken', () => {
    const tokenizer = knowing(' yes')
    expect(labelWords(['yes', 'YES'], { ...source, tokenizer })).toEqual({ yes: ' yes', YES: ' YES' })
  })

  it('of numbers are the digits without a space, or letters, never words that say what a class means', () => {
    const digits = knowing(' x', '0', '1')
    const after = (prompt: string) => labelWords(['0', '1'], { ...source, prompt, tokenizer: digits })
    expect(after('{text}\nLabel:')).toEqual({ 0: '0', 1: '1' })
    expect(after('{text} It was')).toEqual({ 0: ' 0', 1: ' 1' })
    const letters = knowing(' A', ' B', ' C')
    const words = labelWords(['10', '11', '9'], { ...source, tokenizer: letters })
    expect(words).toEqual({ 9: ' A', 10: ' B', 11: ' C' })
    expect(notices(words, letters)[0]).toMatch(/^labels are read in another spelling, .*'9' as " A"/)
    const many = Array.from({ length: 30 }, (_, value) => String(value + 10))
    expect(labelWords(many, { ...source, tokenizer: letters })['10']).toBe(' 10')
  })

  it('have no space of their own after white space, and in a conversation', () => {
    const tokenizer = knowing('a', 'b')
    expect(labelWords(['a', 'b'], { tokenizer, prompt: '{text}\n', usesChat: false })).toEqual({
      a: 'a',
      b: 'b',
    })
    expect(labelWords(['a', 'b'], { tokenizer, prompt: '{text}', usesChat: true })).toEqual({
      a: 'a',
      b: 'b',
    })
  })

  it('cost a forward pass a label where one has several tokens, which is said', () => {
    const tokenizer = knowing(' a')
    const [notice] = notices({ a: ' a', b: ' bb', c: ' cc' }, tokenizer)
    expect(notice).toBe(
      '2 of 3 label words have several tokens: " bb" (3 tokens), " cc" (3 tokens); each row takes 3 forward passes instead of 1, which words of one token would save',
    )
  })
})
