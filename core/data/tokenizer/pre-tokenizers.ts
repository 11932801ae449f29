/** How a byte-level model cuts text into words before merging. */
export interface PreTokenizer {
  /** Applied in turn, each to the pieces of the one before; what a pattern leaves out stays a piece of its own. */
  readonly patterns: readonly RegExp[]
  /** A word that is a token as a whole is taken as it is, without merging. */
  readonly takesWholeWords: boolean
  /** Whether sequences start with BOS where the file does not say. */
  readonly addsBos: boolean
}

const contractions = "'s|'t|'re|'ve|'m|'ll|'d"
/** Letter by letter, because the flag `i` would also take U+017F for an s. */
const anyCaseContractions = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"

const gpt2 = `${contractions}| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+`
const llama3 = wordsWithDigits('\\p{N}{1,3}')
const qwen2 = wordsWithDigits('\\p{N}')
const gpt4o = casedWords(`(?:${anyCaseContractions})?`, '\\p{N}{1,3}')
const tekken = casedWords('', '\\p{N}')

function wordsWithDigits(digits: string): string {
  return `${anyCaseContractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
}

/** A word is upper case first, then lower case; letters beyond ASCII count as both. */
function casedWords(end: string, digits: string): string {
  const [upper, lower] = ['(?:(?=\\p{L})[^a-z])', '(?:(?=\\p{L})[^A-Z])']
  const word = (letters: string): string => `[^\\r\\n\\p{L}\\p{N}]?${letters}${end}`
  const words = `${word(`${upper}*${lower}+`)}|${word(`${upper}+${lower}*`)}`
  return `${words}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
}

const families = {
  smollm: ['\\p{N}', gpt2],
  'gpt-2': [gpt2],
  'llama-bpe': [llama3],
  dbrx: [llama3],
  qwen2: [qwen2],
  'gpt-4o': [gpt4o],
  tekken: [tekken],
  default: ['[\\p{P}$+<=>^~|]+', gpt2, '\\p{N}+', '[0-9][0-9][0-9]'],
} as const

export type PreTokenizerFamily = keyof typeof families

/** Names in `tokenizer.ggml.pre` and the family each belongs to. Source: llama.cpp, src/llama-vocab.cpp. */
export const preTokenizerFamilies: ReadonlyMap<string, PreTokenizerFamily> = new Map([
  ['smollm', 'smollm'],
  ['refact', 'smollm'],
  ['starcoder', 'smollm'],
  ['gpt-2', 'gpt-2'],
  ['olmo', 'gpt-2'],
  ['llama-bpe', 'llama-bpe'],
  ['llama3', 'llama-bpe'],
  ['llama-v3', 'llama-bpe'],
  ['dbrx', 'dbrx'],
  ['smaug-bpe', 'dbrx'],
  ['qwen2', 'qwen2'],
  ['stablelm2', 'qwen2'],
  ['gpt-4o', 'gpt-4o'],
  ['tekken', 'tekken'],
  ['default', 'default'],
])

/** The rules of a family. Patterns are those of the models' own tokenizers. */
export function preTokenizer(family: PreTokenizerFamily): PreTokenizer {
  const isLlama3 = family === 'llama-bpe' || family === 'tekken'
  return { patterns: families[family].map(compile), takesWholeWords: isLlama3, addsBos: isLlama3 }
}

/** JavaScript's \s misses U+0085 and takes U+FEFF, so the Unicode property stands in for it. */
function compile(source: string): RegExp {
  const exact = source.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}')
  return new RegExp(exact, 'gu')
}

/** Cuts `text` into words; they join to `text` again. */
export function splitWords(text: string, patterns: readonly RegExp[]): string[] {
  return patterns.reduce<string[]>(
    (pieces, pattern) => pieces.flatMap((piece) => splitAt(piece, pattern)),
    [text],
  )
}

function splitAt(piece: string, pattern: RegExp): string[] {
  const parts: string[] = []
  let end = 0
  for (const match of piece.matchAll(pattern)) {
    if (match.index > end) parts.push(piece.slice(end, match.index))
    parts.push(match[0])
    end = match.index + match[0].length
  }
  if (end < piece.length) parts.push(piece.slice(end))
  return parts
}
