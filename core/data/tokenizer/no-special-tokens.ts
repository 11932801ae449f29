import type { Tokenizer } from './tokenizer.js'

/** What a tokenizer says of tokens with a meaning of their own where it has none. */
export const noSpecialTokens = {
  bosId: null,
  eosId: null,
  padId: null,
  addsBos: false,
  addsEos: false,
  endIds: new Set(),
} as const satisfies Partial<Tokenizer>
