import type { RopeDescription } from '../../model/description.js'
import type { Tape, Value } from '../tape.js'
import { attentionGradients } from './attention-gradients.js'
import type { Attended, AttentionShape, Heads } from './heads.js'
import { rotate } from './rotary.js'

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
 * Causal grouped-query attention, of scores scale · Q Kᵀ that may be capped, with rotary embedding. Its gradients are `attentionGradients`, without a cache only.
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
  const { rope } = model
  const isRotatedBefore = rope !== null && !rotatesInside(rope)
  const [q, k] = isRotatedBefore
    ? rotatedHeads(tape, model, rope, heads, positions, past !== null)
    : [queries, keys]
  const tables = rope === null || isRotatedBefore ? [] : [cosines, sines]
  const [output, presentKeys, presentValues] = tape.nodes(
    'GroupQueryAttention',
    [q, k, values, ...(past ?? ['', '']), lastPositions, totalLength, ...tables],
    {
      num_heads: model.headCount,
      kv_num_heads: model.kvHeadCount,
      do_rotary: tables.length > 0 ? 1 : 0,
      rotary_interleaved: rope?.layout === 'interleaved' ? 1 : 0,
      ...optionalAttributes(model),
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

type Rotation = Pick<RopeDescription, 'layout' | 'dimensions'>

/** Whether the operator can rotate by itself: it takes tables of whole eights of pairs only. */
function rotatesInside({ dimensions }: Rotation): boolean {
  return dimensions % 16 === 0
}

/** Queries and keys rotated by an operator of their own, at the last positions up to `lastPositions`. */
function rotatedHeads(
  tape: Tape,
  { headCount, kvHeadCount }: AttentionShape,
  rope: Rotation,
  { queries, keys }: Heads,
  positions: PositionValues,
  hasPast: boolean,
): [queries: Value, keys: Value] {
  const tokens = hasPast ? tokenPositions(tape, queries, positions.lastPositions) : tape.int64([0])
  const turned = (value: Value, count: number): Value =>
    rotate(tape, value, count, rope, positions, 'forward', tokens)
  return [turned(queries, headCount), turned(keys, kvHeadCount)]
}

/** The position of each token, int64, shape [batch, sequence]; a sequence that padding follows begins at 0. */
function tokenPositions(tape: Tape, queries: Value, lastPositions: Value): Value {
  const length = tape.node('Shape', [queries], { start: 1, end: 2 })
  const last = tape.node('Cast', [lastPositions], { to: 7 })
  const beforeFirst = tape.node('Sub', [last, tape.node('Sub', [length, tape.int64([1])])])
  const first = tape.node('Max', [beforeFirst, tape.int64([0])])
  const count = tape.node('Squeeze', [length, tape.int64([0])])
  const range = tape.node('Range', [tape.scalarInt64(0), count, tape.scalarInt64(1)])
  return tape.node('Add', [tape.node('Unsqueeze', [first, tape.int64([-1])]), range])
}

/** Those that differ from what the operator does by itself. */
function optionalAttributes(model: AttentionShape): Record<string, number | { readonly float: number }> {
  const { attentionScale, attentionSoftCap, window, headWidth } = model
  return {
    ...(attentionScale !== 1 / Math.sqrt(headWidth) && { scale: { float: attentionScale } }),
    ...(attentionSoftCap !== null && { softcap: { float: attentionSoftCap } }),
    ...(window !== null && { local_window_size: window }),
  }
}
