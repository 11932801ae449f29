import { byteCharacters } from '../../core/data/tokenizer/byte-characters.js'
import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'
import type { Shape, ShapeName } from './shape.js'

const specialTokens = ['<|unknown|>', '<|begin|>', '<|end|>']

/** Metadata of a generated file, with a tokenizer of exactly the shape's vocabulary. */
export function shapeMetadata(name: ShapeName, shape: Shape): Map<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value })
  const float32 = (value: number): GgufValue => ({ type: 'float32', value: Math.fround(value) })
  return new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['general.name', { type: 'string', value: `random weights of the shape of ${name}` }],
    ['llama.block_count', uint32(shape.layers)],
    ['llama.context_length', uint32(shape.contextLength)],
    ['llama.embedding_length', uint32(shape.width)],
    ['llama.feed_forward_length', uint32(shape.feedForward)],
    ['llama.attention.head_count', uint32(shape.heads)],
    ['llama.attention.head_count_kv', uint32(shape.kvHeads)],
    ['llama.attention.key_length', uint32(shape.headWidth)],
    ['llama.attention.value_length', uint32(shape.headWidth)],
    ['llama.attention.layer_norm_rms_epsilon', float32(1e-5)],
    ['llama.rope.freq_base', float32(shape.ropeBase)],
    ['llama.rope.dimension_count', uint32(shape.headWidth)],
    ...tokenizer(shape.vocabulary),
  ])
}

/**
 * A byte-level BPE tokenizer: special tokens, the 256 bytes, then words of lower-case letters from pairs up, each with its
 * merge, as many as the vocabulary has room for. Digits never merge, so a text of digits has a token for each.
 */
function tokenizer(vocabularySize: number): [string, GgufValue][] {
  const merges = wordMerges(vocabularySize - specialTokens.length - byteCharacters.length)
  const tokens = [...specialTokens, ...byteCharacters, ...merges.map((merge) => merge.replace(' ', ''))]
  const types = tokens.map((_, id) => (id < specialTokens.length ? 3 : 1))
  const texts = (items: readonly string[]): GgufValue => ({
    type: 'array',
    value: { itemType: 'string', items },
  })
  return [
    ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'smollm' }],
    ['tokenizer.ggml.tokens', texts(tokens)],
    ['tokenizer.ggml.token_type', { type: 'array', value: { itemType: 'int32', items: types } }],
    ['tokenizer.ggml.merges', texts(merges)],
    ['tokenizer.ggml.bos_token_id', { type: 'uint32', value: 1 }],
    ['tokenizer.ggml.eos_token_id', { type: 'uint32', value: 2 }],
    ['tokenizer.ggml.unknown_token_id', { type: 'uint32', value: 0 }],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
  ]
}

/** Each word of a length is one that is shorter, and a letter more. */
function wordMerges(count: number): string[] {
  const letters = Array.from('etaoinshrdlucmfwygpbvkqxjz')
  const merges: string[] = []
  for (let shorter: readonly string[] = letters; merges.length < count;) {
    const longer = shorter.flatMap((word) => letters.map((letter) => `${word} ${letter}`))
    for (const merge of longer.slice(0, count - merges.length)) merges.push(merge)
    shorter = longer.map((merge) => merge.replace(' ', ''))
  }
  return merges
}
