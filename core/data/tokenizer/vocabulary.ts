import type { MetadataValues } from './metadata-values.js'

/** Kinds of token by their number in `tokenizer.ggml.token_type`. Source: llama.h, enum llama_token_type. */
export const tokenKind = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

/** The tokens of a model file, by id. */
export interface Vocabulary {
  readonly texts: readonly string[]
  readonly ids: ReadonlyMap<string, number>
  /** Numbers of `tokenKind`, one a token. */
  readonly kinds: Uint8Array
  /** Priorities of a SentencePiece vocabulary, in fp32 as in the file; zeros where the file has none. */
  readonly scores: Float32Array
}

/** Real vocabularies stay below 300,000 tokens of at most a few hundred characters. */
const limits = { tokens: 2 ** 20, tokenCharacters: 2 ** 12, characters: 2 ** 24 }

/**
 * Reads `tokenizer.ggml.tokens` with types and scores.
 *
 * @throws EngineError `model-malformed` for a missing list, lists of other lengths, duplicates, or sizes beyond reason
 */
export function readVocabulary(values: MetadataValues): Vocabulary {
  const key = 'tokenizer.ggml.tokens'
  const listed = values.texts(key)
  if (!listed || listed.length === 0) throw values.malformed(key, 'should list the tokens, found none')
  if (listed.length > limits.tokens) {
    throw values.malformed(key, `lists ${listed.length} tokens, more than the limit of ${limits.tokens}`)
  }
  const ids = new Map<string, number>()
  let characters = 0
  const texts = listed.map((listedText, id) => {
    // Two empty tokens would be one entry of the map; llama.cpp names them the same way.
    const text = listedText === '' ? `[EMPTY_${id}]` : listedText
    const known = ids.get(text)
    if (known !== undefined) {
      throw values.malformed(key, `lists ${JSON.stringify(text)} twice, as ${known} and ${id}`)
    }
    ids.set(text, id)
    characters += text.length
    if (text.length > limits.tokenCharacters || characters > limits.characters) {
      throw values.malformed(key, `is too long at token ${id}`)
    }
    return text
  })
  return { texts, ids, kinds: readKinds(values, texts.length), scores: readScores(values, texts.length) }
}

function readKinds(values: MetadataValues, count: number): Uint8Array {
  const kinds = readColumn(values, 'tokenizer.ggml.token_type', count)
  if (!kinds) return new Uint8Array(count).fill(tokenKind.normal)
  return Uint8Array.from(kinds, (kind) => (kind >= 0 && kind <= tokenKind.byte ? kind : 0))
}

function readScores(values: MetadataValues, count: number): Float32Array {
  const key = 'tokenizer.ggml.scores'
  const scores = readColumn(values, key, count)
  if (scores?.some((score) => !Number.isFinite(score)))
    throw values.malformed(key, 'has a value that is not finite')
  return scores ? Float32Array.from(scores) : new Float32Array(count)
}

function readColumn(values: MetadataValues, key: string, count: number): readonly number[] | undefined {
  const column = values.numbers(key)
  if (!column || column.length === count) return column
  throw values.malformed(key, `should have one value for each of ${count} tokens, found ${column.length}`)
}
