/** Text to token ids and back, exactly as the model file says. */
export interface Tokenizer {
  readonly vocabularySize: number
  /** Null where the file names none. */
  readonly bosId: number | null
  readonly eosId: number | null
  readonly padId: number | null
  /** Whether this model's sequences start with BOS (end with EOS). */
  readonly addsBos: boolean
  readonly addsEos: boolean
  /** Ids after which generation stops: EOS, end of turn, end of message. */
  readonly endIds: ReadonlySet<number>
  /**
   * Ids of `text`. With `special: 'text'` (for anything a user wrote) a special token's spelling is ordinary text;
   * with `'parse'` (for a template's own output) it becomes the special token. Adds neither BOS nor EOS.
   */
  encode(text: string, special: 'text' | 'parse'): number[]
  /** `text` cut at the spellings of special tokens, as `'parse'` sees them: ids, and the ordinary texts between them. */
  cut(text: string): (string | number)[]
  /**
   * Text of `ids`, the inverse of `encode`: a leading space that encoding added is left out, special tokens too unless
   * asked for.
   */
  decode(ids: readonly number[], options?: { readonly keepSpecial?: boolean }): string
  /**
   * A decoder for text that goes on after a prompt, so every space is kept: returns the text that each further id
   * completes (may be empty inside a character).
   */
  stream(): (id: number) => string
  /** The same tokenizer as a Hugging Face `tokenizer.json`, for exports. */
  toJson(): Record<string, unknown>
}
