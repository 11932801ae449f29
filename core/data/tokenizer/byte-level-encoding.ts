import { byteCharacters, byteLevelBytes } from './byte-characters.js'
import { byteLevelJson } from './byte-level-json.js'
import { mergeSymbols } from './merge-symbols.js'
import { type Merge, MergeTable } from './merge-table.js'
import type { MetadataValues } from './metadata-values.js'
import { preTokenizer, type PreTokenizerFamily, splitWords } from './pre-tokenizers.js'
import type { TextEncoding } from './text-encoding.js'
import { tokenKind, type Vocabulary } from './vocabulary.js'

/** Words repeat, so their ids are kept; the limits bound the memory (a few MB). */
const cacheLimits = { words: 16_384, wordLength: 32 }
const mergeLimit = 2 ** 21
const mergesKey = 'tokenizer.ggml.merges'

/**
 * Byte-level byte-pair encoding (`tokenizer.ggml.model` = `gpt2`).
 *
 * A byte without a token keeps its neighbours apart and is then left out, as in llama.cpp.
 *
 * @param kinds of tokens, once roles are known
 * @throws EngineError `model-malformed` for merges that do not parse or name tokens that do not exist
 */
export function byteLevelEncoding(
  values: MetadataValues,
  vocabulary: Vocabulary,
  kinds: Uint8Array,
  family: PreTokenizerFamily,
): TextEncoding {
  const { texts, ids } = vocabulary
  const isOrdinary = (id: number): boolean =>
    kinds[id] !== tokenKind.control && kinds[id] !== tokenKind.unknown
  const merges = readMerges(values, ids)
  const table = new MergeTable(merges.filter((merge) => isOrdinary(merge.merged)))
  const ordinaryId = (token: string): number | undefined => {
    const id = ids.get(token)
    return id === undefined || !isOrdinary(id) ? undefined : id
  }
  const missing = texts.length
  const byteSymbols = byteCharacters.map((character) => ordinaryId(character) ?? missing)
  const { patterns, takesWholeWords } = preTokenizer(family)
  const cache = new Map<string, readonly number[]>()

  const encodeWord = (word: string): readonly number[] => {
    const bytes = Array.from(Buffer.from(word))
    const whole = takesWholeWords ? ordinaryId(bytes.map((byte) => byteCharacters[byte]).join('')) : undefined
    if (whole !== undefined) return [whole]
    const symbols = bytes.map((byte) => byteSymbols[byte])
    return mergeSymbols(symbols, table).filter((symbol) => symbol !== missing)
  }
  const encodeKnownWord = (word: string): readonly number[] => {
    const known = cache.get(word)
    if (known) return known
    const found = encodeWord(word)
    if (cache.size >= cacheLimits.words) cache.clear()
    if (word.length <= cacheLimits.wordLength) cache.set(word, found)
    return found
  }

  return {
    encode: (text) => splitWords(text, patterns).flatMap(encodeKnownWord),
    bytes: (id) => byteLevelBytes(texts[id]),
    addsLeadingSpace: false,
    jsonParts: () => byteLevelJson(texts, table.list(), family),
  }
}

function readMerges(values: MetadataValues, ids: ReadonlyMap<string, number>): Merge[] {
  const lines = values.texts(mergesKey)
  if (!lines) throw values.malformed(mergesKey, 'should list the merges, found none')
  if (lines.length > mergeLimit) {
    throw values.malformed(mergesKey, `lists ${lines.length} merges, more than the limit of ${mergeLimit}`)
  }
  return lines.map((line, rank) => {
    // From the second character on, because the left part may be a space in a vocabulary that is not byte-level.
    const cut = line.indexOf(' ', 1)
    const left = ids.get(line.slice(0, cut))
    const right = ids.get(line.slice(cut + 1))
    const merged = ids.get(line.slice(0, cut) + line.slice(cut + 1))
    if (cut > 0 && left !== undefined && right !== undefined && merged !== undefined) {
      return { left, right, rank, merged }
    }
    const message = `should hold two tokens that join to a third in each merge, found ${JSON.stringify(line.slice(0, 80))} as merge ${rank}`
    throw values.malformed(mergesKey, message)
  })
}
