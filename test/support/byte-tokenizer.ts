import type { Tokenizer } from '../../core/data/tokenizer/tokenizer.js'

const bosId = 256
const eosId = 257

/** The simplest tokenizer: an id a byte, BOS 256 (where wanted) and EOS 257. */
export function byteTokenizer({ addsBos }: { addsBos: boolean } = { addsBos: false }): Tokenizer {
  const decode = (ids: readonly number[]) => Buffer.from(ids.filter((id) => id < 256)).toString('utf8')
  return {
    vocabularySize: 258,
    bosId,
    eosId,
    padId: null,
    addsBos,
    addsEos: false,
    endIds: new Set([eosId]),
    encode: (text) => [...Buffer.from(text, 'utf8')],
    cut: (text) => [text],
    decode,
    stream: () => (id) => decode([id]),
    toJson: () => ({}),
  }
}
