import type { Merge } from './merge-table.js'
import { preTokenizer, type PreTokenizerFamily } from './pre-tokenizers.js'

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const afterDigits = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
const splitByWords = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const bytesOnly = { ...splitByWords, use_regex: false }

function split(pattern: string): object {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }
}

const words = (digits: string): object[] => [
  split(`${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}|${afterDigits}`),
  bytesOnly,
]

/** Words that are upper case first and then lower case; `end` may end them. */
function casedWords(end: string, digits: string): object[] {
  const [upper, lower] = ['[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]', '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]']
  const word = (letters: string): string => `[^\\r\\n\\p{L}\\p{N}]?${letters}${end}`
  const rest = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
  return [split(`${word(`${upper}*${lower}+`)}|${word(`${upper}+${lower}*`)}|${digits}|${rest}`), bytesOnly]
}

/** The steps as the models' own files spell them, which other programs recognise by their text. */
const steps: Record<PreTokenizerFamily, readonly object[]> = {
  smollm: [{ type: 'Digits', individual_digits: true }, splitByWords],
  'gpt-2': [splitByWords],
  'llama-bpe': words('\\p{N}{1,3}'),
  dbrx: words('\\p{N}{1,3}'),
  qwen2: words('\\p{N}'),
  'gpt-4o': casedWords(`${contractions}?`, '\\p{N}{1,3}'),
  tekken: casedWords('', '\\p{N}'),
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
