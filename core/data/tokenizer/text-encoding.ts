/** The part of a tokenizer that differs between kinds of vocabulary. */
export interface TextEncoding {
  /**
   * Ids of ordinary text. `startsText` says that nothing or a special token comes before.
   * Never yields a control or unknown token, whatever the text spells.
   */
  encode(text: string, startsText: boolean): readonly number[]
  /** UTF-8 bytes of an ordinary token. */
  bytes(id: number): Uint8Array
  /** Whether decoding a whole text leaves out one leading space, which encoding has put there. */
  readonly addsLeadingSpace: boolean
  /** The parts of a Hugging Face `tokenizer.json` that belong to this kind. */
  jsonParts(): Record<string, unknown>
}
