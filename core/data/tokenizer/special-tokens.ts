import type { MetadataValues } from './metadata-values.js'
import { tokenKind, type Vocabulary } from './vocabulary.js'

/** Ids of the tokens with a role, and the kinds of all tokens once roles are known. */
export interface SpecialTokens {
  readonly bosId: number | null
  readonly eosId: number | null
  readonly padId: number | null
  readonly endIds: ReadonlySet<number>
  /** Kinds as in the vocabulary, except that tokens with a well-known role count as control tokens. */
  readonly kinds: Uint8Array
}

/** A role that a key of the metadata or, failing that, a well-known spelling gives to a token. */
interface Role {
  readonly keys: readonly string[]
  readonly spellings: readonly string[]
  readonly ends: boolean
}

/** Source: llama.cpp, src/llama-vocab.cpp, `llama_vocab::impl::load`. */
const roles: readonly Role[] = [
  { keys: ['eot_token_id'], spellings: [], ends: true },
  { keys: ['eom_token_id'], spellings: [], ends: true },
  {
    keys: ['fim_pre_token_id', 'prefix_token_id'],
    spellings: [
      '<|fim_prefix|>',
      '<fim-prefix>',
      '<fim_prefix>',
      '<｜fim▁begin｜>',
      '<PRE>',
      '▁<PRE>',
      '<|code_prefix|>',
      '<|prefix|>',
    ],
    ends: false,
  },
  {
    keys: ['fim_suf_token_id', 'suffix_token_id'],
    spellings: [
      '<|fim_suffix|>',
      '<fim-suffix>',
      '<fim_suffix>',
      '<｜fim▁hole｜>',
      '<SUF>',
      '▁<SUF>',
      '<|code_suffix|>',
      '<|suffix|>',
    ],
    ends: false,
  },
  {
    keys: ['fim_mid_token_id', 'middle_token_id'],
    spellings: [
      '<|fim_middle|>',
      '<fim-middle>',
      '<fim_middle>',
      '<｜fim▁end｜>',
      '<MID>',
      '▁<MID>',
      '<|code_middle|>',
      '<|middle|>',
    ],
    ends: false,
  },
  {
    keys: ['fim_pad_token_id'],
    spellings: ['<|fim_pad|>', '<fim-pad>', '<fim_pad>', '<PAD>', '[PAD]'],
    ends: true,
  },
  {
    keys: ['fim_rep_token_id'],
    spellings: ['<|fim_repo|>', '<|repo_name|>', '<fim-repo>', '<REPO>', '<reponame>'],
    ends: true,
  },
  { keys: ['fim_sep_token_id'], spellings: ['<|file_sep|>'], ends: true },
]

/** Spellings that end a turn or a text in every model that has them. Source: as above. */
const endSpellings = [
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
  '<|flush|>',
  '<|calls|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '</s>',
  '<|eom_id|>',
  '<EOT>',
  '_<EOT>',
  '[EOT]',
  '[EOS]',
  '<|end_of_text|>',
  '<end_of_utterance>',
  '<eos>',
  '<｜end▁of▁sentence｜>',
]

/**
 * Finds the tokens with a role, by metadata and by spelling.
 *
 * @param defaults ids where the file names none
 * @throws EngineError `model-malformed` for an id outside the vocabulary
 */
export function findSpecialTokens(
  values: MetadataValues,
  vocabulary: Vocabulary,
  defaults: { readonly bosId: number | null; readonly eosId: number | null },
): SpecialTokens {
  const count = vocabulary.texts.length
  const kinds = vocabulary.kinds.slice()
  const endIds = new Set<number>()
  const bosId = readId(values, 'bos_token_id', count) ?? withinVocabulary(defaults.bosId, count)
  const eosId = readId(values, 'eos_token_id', count) ?? withinVocabulary(defaults.eosId, count)
  if (eosId !== null) endIds.add(eosId)
  for (const { keys, spellings, ends } of roles) {
    const named = keys.map((key) => readId(values, key, count)).find((id) => id !== undefined)
    const id = named ?? firstSpelled(spellings, vocabulary)
    if (id === undefined) continue
    if (named === undefined) kinds[id] = tokenKind.control
    if (ends) endIds.add(id)
  }
  for (const spelling of endSpellings) {
    const id = vocabulary.ids.get(spelling)
    if (id === undefined) continue
    kinds[id] = tokenKind.control
    endIds.add(id)
  }
  return { bosId, eosId, padId: readPadId(values, count), endIds, kinds }
}

/** The spelled token that comes first in the vocabulary. */
function firstSpelled(spellings: readonly string[], vocabulary: Vocabulary): number | undefined {
  const found = spellings.flatMap((spelling) => vocabulary.ids.get(spelling) ?? [])
  return found.length > 0 ? Math.min(...found) : undefined
}

function readId(values: MetadataValues, name: string, count: number): number | undefined {
  const key = `tokenizer.ggml.${name}`
  const id = values.integer(key)
  if (id === undefined || (id >= 0 && id < count)) return id
  throw values.malformed(key, `is ${id}, outside the vocabulary of ${count} tokens`)
}

/** Some converters write a padding id past the vocabulary. Nothing pads with it here, so it counts as none. */
function readPadId(values: MetadataValues, count: number): number | null {
  return withinVocabulary(values.integer('tokenizer.ggml.padding_token_id') ?? null, count)
}

function withinVocabulary(id: number | null, count: number): number | null {
  return id !== null && id >= 0 && id < count ? id : null
}
