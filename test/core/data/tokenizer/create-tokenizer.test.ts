import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../../../core/data/tokenizer/create-tokenizer.js'
import type { GgufValue } from '../../../../core/formats/gguf/gguf-file.js'
import { caughtError } from '../../../support/caught-error.js'
import {
  byteLevelMetadata,
  flag,
  id,
  sentencePieceMetadata,
  text,
  textList,
} from '../../../support/tokenizer-metadata.js'

function gpt2(values: Record<string, GgufValue> = {}): Map<string, GgufValue> {
  return byteLevelMetadata([['a', 'b']], [{ text: '<|im_end|>', kind: 3 }], { pre: text('gpt-2'), ...values })
}

function numbers(items: readonly number[]): GgufValue {
  return { type: 'array', value: { itemType: 'int32', items } }
}

describe('opening a tokenizer', () => {
  it.each([
    ['tokenizer', gpt2({ model: text('bert') }), 'bert', 'gpt2'],
    ['pre-tokenizer', gpt2({ pre: text('viking') }), 'viking', 'smollm'],
  ])('names an unsupported %s and what is supported', (_, metadata, found, supported) => {
    const error = caughtError(() => createTokenizer(metadata, 'a.gguf'))
    expect(error.code).toBe('model-unsupported')
    expect(error.message).toContain(found)
    expect(error.message).toContain(supported)
  })

  it.each<[string, Map<string, GgufValue>, string]>([
    ['no kind of tokenizer', new Map(), 'tokenizer.ggml.model'],
    ['a kind that is no text', gpt2({ model: id(1) }), 'tokenizer.ggml.model'],
    ['no tokens', gpt2({ tokens: textList([]) }), 'tokenizer.ggml.tokens'],
    ['a token twice', gpt2({ tokens: textList(['a', 'a']) }), 'tokenizer.ggml.tokens'],
    ['a token beyond reason', gpt2({ tokens: textList(['a'.repeat(9_999)]) }), 'tokenizer.ggml.tokens'],
    ['fewer kinds than tokens', gpt2({ token_type: numbers([1]) }), 'tokenizer.ggml.token_type'],
    ['scores that are texts', gpt2({ scores: textList(['1']) }), 'tokenizer.ggml.scores'],
    ['no merges', withoutMerges(), 'tokenizer.ggml.merges'],
    ['a merge without a space', gpt2({ merges: textList(['ab']) }), 'tokenizer.ggml.merges'],
    ['a merge of no token', gpt2({ merges: textList(['a nothing']) }), 'tokenizer.ggml.merges'],
    ['a merge into no token', gpt2({ merges: textList(['b a']) }), 'tokenizer.ggml.merges'],
    ['EOS outside the vocabulary', gpt2({ eos_token_id: id(9_999) }), 'tokenizer.ggml.eos_token_id'],
    ['BOS wanted and missing', gpt2({ add_bos_token: flag(true) }), 'tokenizer.ggml.bos_token_id'],
    ['byte tokens missing', withoutByteToken(), 'tokenizer.ggml.tokens'],
  ])('refuses %s and says where', (_, metadata, where) => {
    const error = caughtError(() => createTokenizer(metadata, 'a.gguf'))
    expect(error).toMatchObject({ code: 'model-malformed', details: { path: 'a.gguf', where } })
  })

  it('takes a padding id past the vocabulary for none', () => {
    expect(createTokenizer(gpt2({ padding_token_id: id(9_999) }), 'a.gguf').padId).toBeNull()
  })

  it('cuts texts at special tokens, the longest spelling first', () => {
    const special = ['<a>', '<a><b>', '<b>'].map((spelling) => ({ text: spelling, kind: 3 }))
    const found = createTokenizer(byteLevelMetadata([], special, { pre: text('gpt-2') }), 'a.gguf')
    expect(found.cut('x<a><b>y<b>')).toEqual(['x', 1, 'y', 2])
    expect(found.cut('')).toEqual([])
  })

  it('gives a tokenizer.json with the same vocabulary, merges and special tokens', () => {
    const found = createTokenizer(gpt2({ bos_token_id: id(0), add_bos_token: flag(true) }), 'a.gguf')
    expect(found.toJson()).toMatchObject({
      added_tokens: [{ id: 0, content: '<|im_end|>', special: true }],
      model: { type: 'BPE', merges: [['a', 'b']], vocab: { '<|im_end|>': 0, ab: 257 } },
      post_processor: { type: 'TemplateProcessing' },
    })
  })
})

function withoutMerges(): Map<string, GgufValue> {
  const metadata = gpt2()
  metadata.delete('tokenizer.ggml.merges')
  return metadata
}

function withoutByteToken(): Map<string, GgufValue> {
  const metadata = sentencePieceMetadata([])
  const tokens = metadata.get('tokenizer.ggml.tokens')
  if (tokens?.type !== 'array') throw new Error('expected a list of tokens')
  const items = tokens.value.items.map((item) => (item === '<0x41>' ? 'other' : item))
  return metadata.set('tokenizer.ggml.tokens', { type: 'array', value: { itemType: 'string', items } })
}
