import type { Tape, Value } from '../tape.js'
import { attentionGradients } from './attention-gradients.js'
import type { Attended, AttentionShape, Heads } from './heads.js'

/** Where the tokens of a run stand; the same for every block. */
export interface PositionValues {
  /** Index of the last key that each example may see, int32, shape [batch]. */
  readonly lastPositions: Value
  /** Positions including the cache, int32, one number. */
  readonly totalLength: Value
  /** Cosines and sines of rotary embedding, shape [positions, dimensions / 2]. */
  readonly cosines: Value
  readonly sines: Value
}

export interface AttentionOptions {
  /** Keys and values of earlier positions, shape [batch, kvHeads, positions, headWidth]; null without a cache. */
  readonly past: readonly [keys: Value, values: Value] | null
  /** Parts of the queries that the gradients take one after the other, 1 unless said; their memory falls with it. */
  readonly gradientChunks?: number
}

/**
 * Causal grouped-query attention with rotary embedding. Its gradients are `attentionGradients`, without a cache only.
 *
 * Source: grouped queries, Ainslie et al. 2023, arXiv:2305.13245.
 */
export function attention(
  tape: Tape,
  model: AttentionShape,
  heads: Heads,
  positions: PositionValues,
  { past, gradientChunks = 1 }: AttentionOptions,
): Attended {
  const { queries, keys, values } = heads
  const { lastPositions, totalLength, cosines, sines } = positions
  const [output, presentKeys, presentValues] = tape.nodes(
    'GroupQueryAttention',
    [queries, keys, values, ...(past ?? ['', '']), lastPositions, totalLength, cosines, sines],
    {
      num_heads: model.headCount,
      kv_num_heads: model.kvHeadCount,
      do_rotary: 1,
      rotary_interleaved: model.rope.layout === 'interleaved' ? 1 : 0,
    },
    { domain: 'com.microsoft', outputs: 3 },
  )
  const attended = { output, keys: presentKeys, values: presentValues }
  if (past === null) {
    tape.differentiable(output, [queries, keys, values], (gradient) => {
      const gradients = attentionGradients(
        tape,
        model,
        { queries, attended, tables: positions, gradient },
        gradientChunks,
      )
      return [() => gradients.queries, () => gradients.keys, () => gradients.values]
    })
  }
  return attended
}
