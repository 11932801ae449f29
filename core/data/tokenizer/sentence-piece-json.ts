import type { Merge } from './merge-table.js'

/**
 * The parts of `tokenizer.json` of a SentencePiece vocabulary: merging with the scores' order as ranks, and bytes for
 * characters without a token. Source: Hugging Face tokenizers 0.22, its serialised form.
 */
export function sentencePieceJson(
  texts: readonly string[],
  merges: readonly Merge[],
  addsLeadingSpace: boolean,
): Record<string, unknown> {
  const spaceMark = '\u2581'
  const replace = (from: string, to: string): object => ({
    type: 'Replace',
    pattern: { String: from },
    content: to,
  })
  const prepend = addsLeadingSpace ? [{ type: 'Prepend', prepend: spaceMark }] : []
  const strip = addsLeadingSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []
  const isListed = (merge: Merge): boolean => merge.left < texts.length && merge.right < texts.length
  return {
    normalizer: { type: 'Sequence', normalizers: [...prepend, replace(' ', spaceMark)] },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [replace(spaceMark, ' '), { type: 'ByteFallback' }, { type: 'Fuse' }, ...strip],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(texts.map((text, id) => [text, id])),
      merges: merges.filter(isListed).map(({ left, right }) => [texts[left], texts[right]]),
    },
  }
}
