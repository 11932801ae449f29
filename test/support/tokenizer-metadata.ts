import { byteCharacters } from '../../core/data/tokenizer/byte-characters.js'
import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'

/** A token of a made-up vocabulary with its number in `tokenizer.ggml.token_type`. */
export interface ListedToken {
  readonly text: string
  readonly kind: number
  readonly score?: number
}

/** Metadata of a tokenizer, with the keys' common prefix left out. */
export function tokenizerMetadata(
  tokens: readonly ListedToken[],
  values: Readonly<Record<string, GgufValue>>,
): Map<string, GgufValue> {
  const column = (itemType: 'int32' | 'float32', items: readonly number[]): GgufValue => ({
    type: 'array',
    value: { itemType, items },
  })
  const lists: Record<string, GgufValue> = {
    tokens: textList(tokens.map((token) => token.text)),
    token_type: column(
      'int32',
      tokens.map((token) => token.kind),
    ),
    scores: column(
      'float32',
      tokens.map((token) => token.score ?? 0),
    ),
  }
  const entries = Object.entries({ ...lists, ...values })
  return new Map(entries.map(([name, value]) => [`tokenizer.ggml.${name}`, value]))
}

export function textList(items: readonly string[]): GgufValue {
  return { type: 'array', value: { itemType: 'string', items } }
}

export function text(value: string): GgufValue {
  return { type: 'string', value }
}

export function flag(value: boolean): GgufValue {
  return { type: 'bool', value }
}

export function id(value: number): GgufValue {
  return { type: 'uint32', value }
}

/**
 * A byte-level vocabulary: special tokens first, then the 256 bytes, then what `merges` make.
 *
 * @param merges pairs of texts in byte-level spelling (a space is `Ġ`)
 */
export function byteLevelMetadata(
  merges: readonly (readonly [string, string])[],
  special: readonly ListedToken[],
  values: Readonly<Record<string, GgufValue>>,
): Map<string, GgufValue> {
  const merged = new Set(merges.map(([left, right]) => left + right))
  const ordinary = [...byteCharacters, ...merged].map((spelling) => ({ text: spelling, kind: 1 }))
  return tokenizerMetadata([...special, ...ordinary], {
    model: text('gpt2'),
    merges: textList(merges.map(([left, right]) => `${left} ${right}`)),
    ...values,
  })
}

/** A SentencePiece vocabulary: `<unk>`, `<s>`, `</s>`, the 256 byte tokens, then `pieces` with their scores. */
export function sentencePieceMetadata(
  pieces: readonly ListedToken[],
  values: Readonly<Record<string, GgufValue>> = {},
): Map<string, GgufValue> {
  const bytes = Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    kind: 6,
  }))
  const roles = [
    { text: '<unk>', kind: 2 },
    { text: '<s>', kind: 3 },
    { text: '</s>', kind: 3 },
  ]
  return tokenizerMetadata([...roles, ...bytes, ...pieces], {
    model: text('llama'),
    bos_token_id: id(1),
    eos_token_id: id(2),
    unknown_token_id: id(0),
    ...values,
  })
}
