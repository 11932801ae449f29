import { casedWords, plainWords } from '../../model/hugging-face/word-patterns.js'
import type { Merge } from './merge-table.js'
import { preTokenizer, type PreTokenizerFamily } from './pre-tokenizers.js'

const splitByWords = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const bytesOnly = { ...splitByWords, use_regex: false }

function split(pattern: string): object {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }
}

/** The steps as the models' own files spell them, which other programs recognise by their text. */
const steps: Record<PreTokenizerFamily, readonly object[]> = {
  smollm: [{ type: 'Digits', individual_digits: true }, splitByWords],
  'gpt-2': [splitByWords],
  'llama-bpe': [split(plainWords('\\p{N}{1,3}')), bytesOnly],
  dbrx: [split(plainWords('\\p{N}{1,3}')), bytesOnly],
  qwen2: [split(plainWords('\\p{N}')), bytesOnly],
  'gpt-4o': [split(casedWords('\\p{N}{1,3}', true)), bytesOnly],
  tekken: [split(casedWords('\\p{N}', false)), bytesOnly],
  default: [
    split('[\\p{P}$+<=>^~|]+'),
    split("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
    split('\\p{N}+'),
    split('[0-9][0-9][0-9]'),
    bytesOnly,
  ],
}

/** The parts of `tokenizer.json` of a byte-level vocabulary. Source: Hugging Face tokenizers 0.22, its serialised form. */
export function byteLevelJson(
  texts: readonly string[],
  merges: readonly Merge[],
  family: PreTokenizerFamily,
): Record<string, unknown> {
  return {
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: steps[family] },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: preTokenizer(family).takesWholeWords,
      vocab: Object.fromEntries(texts.map((text, id) => [text, id])),
      merges: merges.map(({ left, right }) => [texts[left], texts[right]]),
    },
  }
}
