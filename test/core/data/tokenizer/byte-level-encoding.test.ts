import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../../../core/data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../../../../core/data/tokenizer/tokenizer.js'
import { byteLevelMetadata, flag, id, text } from '../../../support/tokenizer-metadata.js'

const special = [
  { text: '<|endoftext|>', kind: 3 },
  { text: '<|im_start|>', kind: 3 },
  { text: '<|im_end|>', kind: 3 },
  { text: '<tool>', kind: 4 },
]
const merges = [
  ['t', 'h'],
  ['th', 'e'],
  ['Ġ', 'the'],
  ['1', '2'],
  ['12', '3'],
  ['a', 'a'],
  ['aa', 'aa'],
  ['Ã', '©'],
  ['Ġ', 'Ġ'],
] as const

function tokenizer(pre: string, values = {}): Tokenizer {
  return createTokenizer(
    byteLevelMetadata(merges, special, {
      pre: text(pre),
      eos_token_id: id(2),
      bos_token_id: id(1),
      ...values,
    }),
    'tiny.gguf',
  )
}

function pieces(of: Tokenizer, input: string, mode: 'text' | 'parse' = 'text'): string[] {
  return of.encode(input, mode).map((token) => of.decode([token], { keepSpecial: true }))
}

describe('a byte-level tokenizer', () => {
  it('merges the pair of lowest rank first, the leftmost of equals', () => {
    expect(pieces(tokenizer('smollm'), 'the the')).toEqual(['the', ' the'])
    expect(pieces(tokenizer('smollm'), 'aaaaa')).toEqual(['aaaa', 'a'])
  })

  it.each([
    ['smollm', '1234', ['1', '2', '3', '4']],
    ['qwen2', '1234', ['1', '2', '3', '4']],
    ['gpt-2', '1234', ['123', '4']],
    ['llama-bpe', '1234', ['123', '4']],
    ['default', '1234', ['123', '4']],
    ['smollm', 'x   the', ['x', '  ', ' the']],
    ['gpt-2', 'x  \u0085the', ['x', '  ', '\u0085', 'the']],
  ])('%s cuts %j as its pre-tokenizer says', (pre, input, expected) => {
    const found = tokenizer(pre)
    expect(found.decode(found.encode(input, 'text'))).toBe(input)
    if (!input.includes('\u0085')) expect(pieces(found, input)).toEqual(expected)
  })

  it('takes a whole word that is a token before any merge in the llama-bpe family only', () => {
    const unreachable = [
      ['a', 'b'],
      ['b', 'd'],
      ['a', 'bd'],
    ] as const
    const lengthWith = (pre: string): number => {
      const metadata = byteLevelMetadata(unreachable, special, { pre: text(pre), bos_token_id: id(0) })
      return createTokenizer(metadata, 'tiny.gguf').encode('abd', 'text').length
    }
    expect(lengthWith('llama-bpe')).toBe(1)
    expect(lengthWith('gpt-2')).toBe(2)
  })

  it('never makes a control token from text, and does where special tokens are parsed', () => {
    const smollm = tokenizer('smollm')
    expect(smollm.encode('<|im_end|>', 'text')).not.toContain(2)
    expect(smollm.encode('<|im_end|>', 'parse')).toEqual([2])
    expect(smollm.encode('a<|im_start|><|im_end|>a', 'parse')).toEqual([
      ...smollm.encode('a', 'text'),
      1,
      2,
      ...smollm.encode('a', 'text'),
    ])
  })

  it('keeps a control token closed even where merges lead to it', () => {
    const metadata = byteLevelMetadata(
      [
        ['E', 'N'],
        ['EN', 'D'],
      ],
      special,
      { pre: text('gpt-2') },
    )
    const tokens = metadata.get('tokenizer.ggml.tokens')
    const kinds = metadata.get('tokenizer.ggml.token_type')
    if (tokens?.type !== 'array' || kinds?.type !== 'array') throw new Error('expected lists')
    const end = tokens.value.items.indexOf('END')
    const closed = kinds.value.items.with(end, 3) as number[]
    metadata.set('tokenizer.ggml.token_type', { type: 'array', value: { itemType: 'int32', items: closed } })
    const found = createTokenizer(metadata, 'tiny.gguf')
    expect(found.encode('END', 'text')).not.toContain(end)
    expect(found.encode('END', 'parse')).toEqual([end])
  })

  it('recognises user-defined tokens in any text', () => {
    expect(tokenizer('smollm').encode('<tool>', 'text')).toEqual([3])
  })

  it('decodes to the text it encoded, whatever the text', () => {
    for (const pre of ['smollm', 'gpt-2', 'llama-bpe', 'qwen2', 'default']) {
      const found = tokenizer(pre)
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (input) => {
          expect(found.decode(found.encode(input, 'text'))).toBe(input)
        }),
        { seed: 7, numRuns: 60 },
      )
    }
  })

  it('streams a character once all of its bytes are there', () => {
    const smollm = tokenizer('smollm')
    const decode = smollm.stream()
    expect(smollm.encode('👍a', 'text').map(decode)).toEqual(['', '', '', '👍', 'a'])
  })

  it('reads a lone surrogate as the replacement character', () => {
    const smollm = tokenizer('smollm')
    expect(smollm.encode('a\ud800b', 'text')).toEqual(smollm.encode('a\ufffdb', 'text'))
  })

  it('starts sequences with BOS as the file says, or as the family does', () => {
    expect(tokenizer('smollm').addsBos).toBe(false)
    expect(tokenizer('llama-bpe').addsBos).toBe(true)
    expect(tokenizer('llama-bpe', { add_bos_token: flag(false) }).addsBos).toBe(false)
    expect(tokenizer('smollm', { add_eos_token: flag(true) }).addsEos).toBe(true)
  })

  it('ends at EOS and at well-known end tokens', () => {
    expect([...tokenizer('smollm').endIds].sort()).toEqual([0, 2])
  })

  it('encodes a word of 200,000 letters in reasonable time', () => {
    const long = 'a'.repeat(200_000)
    expect(tokenizer('smollm').encode(long, 'text')).toHaveLength(50_000)
  })
})
