import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { EngineError } from '../../schema/engine-error.js'
import { byteLevelEncoding } from './byte-level-encoding.js'
import { metadataValues, type MetadataValues } from './metadata-values.js'
import { partitionText, spelledTokens } from './partition-text.js'
import { preTokenizer, preTokenizerFamilies, type PreTokenizerFamily } from './pre-tokenizers.js'
import { sentencePieceEncoding } from './sentence-piece-encoding.js'
import { findSpecialTokens, type SpecialTokens } from './special-tokens.js'
import type { TextEncoding } from './text-encoding.js'
import { decodeTokens, streamDecoder } from './token-decoder.js'
import type { Tokenizer } from './tokenizer.js'
import { tokenizerJson } from './tokenizer-json.js'
import { readVocabulary, type Vocabulary } from './vocabulary.js'
import { modelProblem } from '../../schema/model-problems.js'

/** What one kind of vocabulary decides. */
interface Parts {
  readonly special: SpecialTokens
  readonly encoding: TextEncoding
  readonly addsBos: boolean
}

/**
 * The tokenizer that a model file describes; ids are those of llama.cpp, except that text never becomes a control token.
 *
 * Lone surrogates become U+FFFD, as in any conversion to UTF-8.
 *
 * @param path what errors call the file
 * @throws EngineError `model-unsupported` for another model or pre-tokenizer, `model-malformed` for lists that contradict
 *   themselves
 */
export function createTokenizer(metadata: ReadonlyMap<string, GgufValue>, path: string): Tokenizer {
  const values = metadataValues(metadata, path)
  const createParts = chooseParts(values)
  const vocabulary = readVocabulary(values)
  const { special, encoding, addsBos } = createParts(vocabulary)
  const { texts } = vocabulary
  const { kinds, bosId, eosId, padId, endIds } = special
  const spelled = {
    text: spelledTokens(texts, kinds, 'text'),
    parse: spelledTokens(texts, kinds, 'parse'),
  }
  const source = { texts, kinds, bosId, encoding }
  const sequence = readSequence(values, addsBos, special)
  const cut = (text: string, mode: 'text' | 'parse'): (string | number)[] =>
    text === '' ? [] : partitionText(withoutLoneSurrogates(text), spelled[mode])

  return {
    vocabularySize: texts.length,
    bosId,
    eosId,
    padId,
    endIds,
    ...sequence,
    cut: (text) => cut(text, 'parse'),
    encode: (text, mode) => {
      const parts = cut(text, mode)
      return parts.flatMap((part, index) => {
        if (typeof part === 'number') return [part]
        return encoding.encode(part, typeof parts[index - 1] !== 'string')
      })
    },
    decode: (ids, options) => decodeTokens(source, ids, options?.keepSpecial ?? false),
    stream: () => streamDecoder(source),
    toJson: () => tokenizerJson({ texts, kinds, special, ...sequence, parts: encoding.jsonParts() }),
  }
}

function withoutLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function chooseParts(values: MetadataValues): (vocabulary: Vocabulary) => Parts {
  const model = values.text('tokenizer.ggml.model')
  switch (model) {
    case 'gpt2': {
      const family = readFamily(values)
      return (vocabulary) => {
        const special = findSpecialTokens(values, vocabulary, { bosId: null, eosId: null })
        const encoding = byteLevelEncoding(values, vocabulary, special.kinds, family)
        return { special, encoding, addsBos: preTokenizer(family).addsBos }
      }
    }
    case 'llama':
      return (vocabulary) => {
        const special = findSpecialTokens(values, vocabulary, { bosId: 1, eosId: 2 })
        return { special, encoding: sentencePieceEncoding(values, vocabulary, special.kinds), addsBos: true }
      }
    case undefined:
      throw values.malformed('tokenizer.ggml.model', 'should name the kind of tokenizer, found none')
    default:
      throw unsupported(
        values.path,
        modelProblem('tokenizer', { name: model }),
        'gpt2 (byte-level BPE) and llama (SentencePiece)',
      )
  }
}

function readFamily(values: MetadataValues): PreTokenizerFamily {
  const name = values.text('tokenizer.ggml.pre') ?? 'default'
  const family = preTokenizerFamilies.get(name === '' ? 'default' : name)
  if (family) return family
  throw unsupported(
    values.path,
    modelProblem('pre-tokenizer', { name }),
    [...preTokenizerFamilies.keys()].join(', '),
  )
}

function unsupported(path: string, feature: string, supported: string): EngineError {
  const message = `'${path}' uses the ${feature}; supported are ${supported}`
  return new EngineError('model-unsupported', { path, feature }, message)
}

function readSequence(
  values: MetadataValues,
  addsBosByDefault: boolean,
  special: SpecialTokens,
): { addsBos: boolean; addsEos: boolean } {
  const addsBos = values.flag('tokenizer.ggml.add_bos_token') ?? addsBosByDefault
  const addsEos = values.flag('tokenizer.ggml.add_eos_token') ?? false
  if (addsBos && special.bosId === null) {
    throw values.malformed('tokenizer.ggml.bos_token_id', 'is missing, but sequences start with BOS')
  }
  if (addsEos && special.eosId === null) {
    throw values.malformed('tokenizer.ggml.eos_token_id', 'is missing, but sequences end with EOS')
  }
  return { addsBos, addsEos }
}
