/** A language model seen one token at a time; it remembers the tokens that it was given. */
export interface NextTokenModel {
  /** Tokens that it can hold. */
  readonly contextLength: number
  /**
   * Appends `tokens` (at least one) to those before, and returns the logits of the token that follows, shape [vocabulary].
   * The array is valid until the next call.
   */
  next(tokens: readonly number[]): Promise<Float32Array>
  /** Forgets all tokens. */
  reset(): void
  close(): Promise<void>
}
