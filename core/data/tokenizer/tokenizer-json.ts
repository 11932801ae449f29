import type { SpecialTokens } from './special-tokens.js'
import { tokenKind } from './vocabulary.js'

interface TokenizerJsonSource {
  readonly texts: readonly string[]
  readonly kinds: Uint8Array
  readonly special: SpecialTokens
  readonly addsBos: boolean
  readonly addsEos: boolean
  readonly parts: Record<string, unknown>
}

/** A Hugging Face `tokenizer.json`. Source: Hugging Face tokenizers 0.22, its serialised form. */
export function tokenizerJson(source: TokenizerJsonSource): Record<string, unknown> {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(source),
    ...source.parts,
    post_processor: postProcessor(source),
  }
}

function addedTokens({ texts, kinds }: TokenizerJsonSource): object[] {
  return texts.flatMap((content, id) => {
    const isSpecial = kinds[id] === tokenKind.control || kinds[id] === tokenKind.unknown
    if (!isSpecial && kinds[id] !== tokenKind.userDefined) return []
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false }
    return [{ id, content, ...flags, special: isSpecial }]
  })
}

/** Adds BOS and EOS where the model's sequences have them. */
function postProcessor({ texts, special, addsBos, addsEos }: TokenizerJsonSource): object | null {
  const ids = { before: addsBos ? special.bosId : null, after: addsEos ? special.eosId : null }
  const step = (id: number | null): object[] =>
    id === null ? [] : [{ SpecialToken: { id: texts[id], type_id: 0 } }]
  const template = (sequence: string): object[] => [
    ...step(ids.before),
    { Sequence: { id: sequence, type_id: 0 } },
    ...step(ids.after),
  ]
  const listed = [ids.before, ids.after].filter((id) => id !== null)
  if (listed.length === 0) return null
  const tokens = listed.map((id) => [texts[id], { id: texts[id], ids: [id], tokens: [texts[id]] }])
  return {
    type: 'TemplateProcessing',
    single: template('A'),
    pair: [...template('A'), ...template('B')],
    special_tokens: Object.fromEntries(tokens) as object,
  }
}
