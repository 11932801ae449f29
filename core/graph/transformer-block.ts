import type { LinearName, ModelDescription } from '../model/description.js'
import type { Tape, Value } from './tape.js'

/** What a transformer block's nodes read, besides the hidden state. */
export interface BlockValues {
  /** Shape [width]. */
  readonly attentionNorm: Value
  /** Shape [width]. */
  readonly feedForwardNorm: Value
  /** The product of x with the linear called `name`. */
  readonly project: (x: Value, name: LinearName) => Value
  /** Keys and values of earlier positions, shape [batch, kvHeads, positions, headWidth]; null without a cache. */
  readonly past: readonly [keys: Value, values: Value] | null
  readonly positions: PositionValues
}

/** What a transformer block computes: the next hidden state, and the keys and values of all positions. */
export interface BlockResult {
  readonly next: Value
  readonly keys: Value
  readonly values: Value
}

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

/**
 * The nodes of one transformer block.
 *
 * Source: LLaMA, Touvron et al. 2023, arXiv:2302.13971, section 2.2; grouped queries, Ainslie et al. 2023.
 *
 * @param hidden shape [batch, sequence, width]
 */
export function transformerBlock(
  tape: Tape,
  model: ModelDescription,
  hidden: Value,
  block: BlockValues,
): BlockResult {
  const { project } = block
  const normalized = rmsNorm(tape, hidden, block.attentionNorm, model.normEpsilon)
  const heads = {
    queries: project(normalized, 'attn_q'),
    keys: project(normalized, 'attn_k'),
    values: project(normalized, 'attn_v'),
  }
  const [attended, keys, values] = attention(tape, model, heads, block)
  const [middle, residual] = addAndNorm(
    tape,
    hidden,
    project(attended, 'attn_output'),
    block.feedForwardNorm,
    model.normEpsilon,
  )
  const gate = silu(tape, project(middle, 'ffn_gate'))
  const product = tape.node('Mul', [gate, project(middle, 'ffn_up')])
  return { next: tape.node('Add', [residual, project(product, 'ffn_down')]), keys, values }
}

/** y = x / √(mean(x²) + ε) ∘ weight. Source: Zhang and Sennrich 2019, arXiv:1910.07467. */
export function rmsNorm(tape: Tape, x: Value, weight: Value, epsilon: number): Value {
  return tape.node('SimplifiedLayerNormalization', [x, weight], {
    axis: -1,
    stash_type: 1,
    epsilon: { float: epsilon },
  })
}

/** The residual sum x + y, and its norm, in one pass. */
function addAndNorm(
  tape: Tape,
  x: Value,
  y: Value,
  weight: Value,
  epsilon: number,
): [normed: Value, sum: Value] {
  const outputs = tape.nodes(
    'SkipSimplifiedLayerNormalization',
    [x, y, weight],
    { epsilon: { float: epsilon } },
    { domain: 'com.microsoft', outputs: 4, unused: [1, 2] },
  )
  return [outputs[0], outputs[3]]
}

/** x · sigmoid(x). */
function silu(tape: Tape, x: Value): Value {
  return tape.node('QuickGelu', [x], { alpha: { float: 1 } }, { domain: 'com.microsoft' })
}

interface Heads {
  readonly queries: Value
  readonly keys: Value
  readonly values: Value
}

/** Causal grouped-query attention with rotary embedding; returns its output and the keys and values to keep. */
function attention(
  tape: Tape,
  model: ModelDescription,
  { queries, keys, values }: Heads,
  { past, positions }: BlockValues,
): [output: Value, keys: Value, values: Value] {
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
  return [output, presentKeys, presentValues]
}
