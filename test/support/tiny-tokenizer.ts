import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'

const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
/** Space and line break as byte-level BPE spells them, and what short English sentences need. */
const fewSymbols = Array.from("ĠĊabcdefghijklmnopqrstuvwxyz0123456789.,?!:'-")
const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/**
 * Metadata of a byte-level BPE tokenizer with `vocabularySize` tokens: three special ones, single symbols (all 256 bytes from
 * a vocabulary of 320 on, otherwise lower-case letters, digits and a few marks), and merges for the rest.
 */
export function tinyTokenizer(vocabularySize: number): Map<string, GgufValue> {
  const symbols = vocabularySize >= 320 ? allSymbols() : fewSymbols
  const merges = firstMerges(vocabularySize - specialTokens.length - symbols.length)
  const tokens = [...specialTokens, ...symbols, ...merges.map((merge) => merge.replace(' ', ''))]
  const types = tokens.map((_, id) => (id < specialTokens.length ? 3 : 1))
  return new Map<string, GgufValue>([
    ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'smollm' }],
    ['tokenizer.ggml.tokens', { type: 'array', value: { itemType: 'string', items: tokens } }],
    ['tokenizer.ggml.token_type', { type: 'array', value: { itemType: 'int32', items: types } }],
    ['tokenizer.ggml.merges', { type: 'array', value: { itemType: 'string', items: merges } }],
    ['tokenizer.ggml.bos_token_id', { type: 'uint32', value: 1 }],
    ['tokenizer.ggml.eos_token_id', { type: 'uint32', value: 2 }],
    ['tokenizer.ggml.unknown_token_id', { type: 'uint32', value: 0 }],
    ['tokenizer.ggml.padding_token_id', { type: 'uint32', value: 2 }],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
    ['tokenizer.ggml.add_space_prefix', { type: 'bool', value: false }],
    ['tokenizer.chat_template', { type: 'string', value: chatTemplate }],
  ])
}

/** The character that stands for each byte in byte-level BPE: itself where printable, otherwise one from U+0100 on. */
function allSymbols(): string[] {
  const isPrintable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++))
}

/** A space and a letter first, then pairs of letters. */
function firstMerges(count: number): string[] {
  const letters = Array.from('etaoinshrdlucmfwygpbvkqxjz')
  const spaced = letters.map((letter) => `Ġ ${letter}`)
  const pairs = letters.flatMap((first) => letters.map((second) => `${first} ${second}`))
  const merges = [...spaced, ...pairs].slice(0, count)
  if (merges.length !== count) throw new Error(`a tiny vocabulary cannot have ${count} merges`)
  return merges
}
