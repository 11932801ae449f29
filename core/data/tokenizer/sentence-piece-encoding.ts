import { mergeSymbols } from './merge-symbols.js'
import { type Merge, MergeTable } from './merge-table.js'
import type { MetadataValues } from './metadata-values.js'
import { sentencePieceJson } from './sentence-piece-json.js'
import type { TextEncoding } from './text-encoding.js'
import { tokenKind, type Vocabulary } from './vocabulary.js'

/** Stands for a space inside a SentencePiece token (U+2581). */
const spaceMark = '\u2581'
/** Listing the halves of a piece takes its length squared; real pieces stay below 64 characters. */
const pieceLimit = 256

/**
 * SentencePiece encoding (`tokenizer.ggml.model` = `llama`): the neighbours that join to the token of the highest score
 * merge first; a character without a token becomes its UTF-8 bytes.
 *
 * Source: Kudo and Richardson 2018, arXiv:1808.06226; llama.cpp, src/llama-vocab.cpp.
 *
 * @param kinds of tokens, once roles are known
 * @throws EngineError `model-malformed` for a vocabulary without all 256 byte tokens, or with a piece beyond reason
 */
export function sentencePieceEncoding(
  values: MetadataValues,
  vocabulary: Vocabulary,
  kinds: Uint8Array,
): TextEncoding {
  const { texts } = vocabulary
  const byteIds = readByteIds(values, vocabulary)
  const pieces = listPieces(vocabulary, kinds)
  const table = new MergeTable(listMerges(values, vocabulary, pieces))
  const addsLeadingSpace = values.flag('tokenizer.ggml.add_space_prefix') ?? true
  const idsOf = (symbol: number): number | number[] => {
    if (symbol < texts.length) return symbol
    return Array.from(Buffer.from(String.fromCodePoint(symbol - texts.length)), (byte) => byteIds[byte])
  }

  return {
    addsLeadingSpace,
    encode: (text, startsText) => {
      const marked = (startsText && addsLeadingSpace ? ` ${text}` : text).replaceAll(' ', spaceMark)
      const symbols = Array.from(marked, (character) => symbolOf(character, pieces, texts.length))
      return mergeSymbols(symbols, table).flatMap(idsOf)
    },
    bytes: (id) =>
      kinds[id] === tokenKind.byte
        ? Uint8Array.of(byteIds.indexOf(id))
        : Buffer.from(texts[id].replaceAll(spaceMark, ' ')),
    jsonParts: () => sentencePieceJson(texts, table.list(), addsLeadingSpace),
  }
}

/** A character's token, or a number past the tokens that keeps its code point. */
function symbolOf(character: string, pieces: ReadonlyMap<string, number>, tokenCount: number): number {
  return pieces.get(character) ?? tokenCount + (character.codePointAt(0) ?? 0)
}

/** Tokens that ordinary text can become. */
function listPieces({ texts }: Vocabulary, kinds: Uint8Array): Map<string, number> {
  const pieces = new Map<string, number>()
  const closed: readonly number[] = [tokenKind.control, tokenKind.unknown, tokenKind.byte]
  texts.forEach((text, id) => {
    if (!closed.includes(kinds[id])) pieces.set(text, id)
  })
  return pieces
}

/**
 * Every pair of symbols whose texts join to a token. The rank orders tokens by score, so that equal scores have equal
 * ranks and the leftmost pair goes first.
 */
function listMerges(
  values: MetadataValues,
  { texts, scores }: Vocabulary,
  pieces: ReadonlyMap<string, number>,
): Merge[] {
  const ranks = rankScores(scores)
  const merges: Merge[] = []
  for (const [text, merged] of pieces) {
    const characters = Array.from(text)
    if (characters.length > pieceLimit) {
      throw values.malformed(
        'tokenizer.ggml.tokens',
        `has more than ${pieceLimit} characters in token ${merged}`,
      )
    }
    const symbolOfPart = (part: readonly string[]): number | undefined =>
      part.length === 1 ? symbolOf(part[0], pieces, texts.length) : pieces.get(part.join(''))
    for (let cut = 1; cut < characters.length; cut++) {
      const left = symbolOfPart(characters.slice(0, cut))
      const right = symbolOfPart(characters.slice(cut))
      if (left === undefined || right === undefined) continue
      merges.push({ left, right, rank: ranks[merged], merged })
    }
  }
  return merges
}

/** The place of each token's score among the different scores, the highest first. */
function rankScores(scores: Float32Array): Int32Array {
  const distinct = Float32Array.from(new Set(scores)).sort().reverse()
  const places = new Map(Array.from(distinct, (score, place) => [score, place]))
  return Int32Array.from(scores, (score) => places.get(score) ?? 0)
}

/** Ids of the tokens `<0x00>` to `<0xFF>`. */
function readByteIds(values: MetadataValues, { ids }: Vocabulary): number[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const text = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
    const id = ids.get(text)
    if (id === undefined)
      throw values.malformed('tokenizer.ggml.tokens', `should have the byte token ${text}`)
    return id
  })
}
