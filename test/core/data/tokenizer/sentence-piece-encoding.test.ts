import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../../../core/data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../../../../core/data/tokenizer/tokenizer.js'
import { flag, sentencePieceMetadata } from '../../../support/tokenizer-metadata.js'

const scores: Record<string, number> = {
  '▁': -9,
  a: -9,
  b: -9,
  c: -9,
  '<': -9,
  '/': -9,
  s: -9,
  '>': -9,
  '</': -1,
  's>': -1,
  ab: -2,
  bc: -1,
  '▁a': -4,
  aa: -5,
  é: -9,
}
const pieces = Object.entries(scores).map(([text, score]) => ({ text, kind: 1, score }))
const firstPiece = 3 + 256

function tokenizer(hasPrefix = true): Tokenizer {
  return createTokenizer(sentencePieceMetadata(pieces, { add_space_prefix: flag(hasPrefix) }), 'tiny.gguf')
}

function spellings(of: Tokenizer, text: string, mode: 'text' | 'parse' = 'text'): string[] {
  const names = Object.keys(scores)
  return of.encode(text, mode).map((id) => names[id - firstPiece] ?? `#${id}`)
}

describe('a SentencePiece tokenizer', () => {
  it('merges the pair of the highest score first', () => {
    expect(spellings(tokenizer(false), 'abc')).toEqual(['a', 'bc'])
  })

  it('merges the leftmost of equal scores first', () => {
    expect(spellings(tokenizer(false), 'aaa')).toEqual(['aa', 'a'])
  })

  it('puts a space before a text where the model wants one', () => {
    expect(spellings(tokenizer(), 'a')).toEqual(['▁a'])
    expect(spellings(tokenizer(false), 'a')).toEqual(['a'])
  })

  it('spells characters without a token in bytes', () => {
    expect(tokenizer(false).encode('d👍', 'text')).toEqual(Array.from(Buffer.from('d👍'), (byte) => 3 + byte))
  })

  it('never makes a control token from text, even where pieces join to its spelling', () => {
    expect(spellings(tokenizer(false), '</s>')).toEqual(['</', 's>'])
    expect(tokenizer(false).encode('</s>', 'parse')).toEqual([2])
  })

  it('takes the added space away when it decodes a whole text, and keeps every space in a stream', () => {
    const found = tokenizer()
    const ids = found.encode('a b', 'text')
    expect(found.decode(ids)).toBe('a b')
    expect(found.decode([1, ...ids])).toBe('a b')
    expect(found.decode([1, ...ids], { keepSpecial: true })).toBe('<s>a b')
    expect(ids.map(found.stream()).join('')).toBe(' a b')
  })

  it('decodes to the text it encoded, whatever the text', () => {
    const found = tokenizer()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        // U+2581 itself stands for a space, so it does not come back.
        fc.pre(!text.includes('▁'))
        expect(found.decode(found.encode(text, 'text'))).toBe(text)
      }),
      { seed: 11, numRuns: 60 },
    )
  })

  it('starts sequences with BOS and ends them with EOS as llama.cpp does', () => {
    const { bosId, eosId, addsBos, addsEos, endIds } = tokenizer()
    expect({ bosId, eosId, addsBos, addsEos, endIds: [...endIds] }).toEqual({
      bosId: 1,
      eosId: 2,
      addsBos: true,
      addsEos: false,
      endIds: [2],
    })
  })
})
