import type { LinearName, ModelDescription, NormName } from '../model/description.js'
import { attention, type AttentionOptions, type PositionValues } from './operators/attention.js'
import { add, multiply, scale } from './operators/elementwise.js'
import { gelu } from './operators/gelu.js'
import { headNorm } from './operators/head-norm.js'
import { attentionShape } from './operators/heads.js'
import type { LayerKind } from './operators/layer-kind.js'
import { norm, sumAndNorm, type NormValues } from './operators/norm.js'
import { silu } from './operators/silu.js'
import type { Tape, Value } from './tape.js'

/** What a transformer block's nodes read, besides the hidden state. */
export interface BlockValues extends AttentionOptions {
  /** In what this layer differs from others of the model. */
  readonly kind: LayerKind
  /** The numbers of a norm that the model has. */
  readonly normOf: (name: NormName) => NormValues
  /** The product of x with the linear called `name`. */
  readonly project: (x: Value, name: LinearName) => Value
  readonly positions: PositionValues
}

/** What a transformer block computes: the next hidden state, and the keys and values of all positions. */
export interface BlockResult {
  readonly next: Value
  readonly keys: Value
  readonly values: Value
}

/**
 * The nodes of one transformer block of any architecture: attention and a gated feed-forward part, each added to the hidden
 * state, with the norms, scales and caps that the model's description has. Every operator knows its gradient, so this is the
 * description of the block's backward pass too.
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
  const { project, kind } = block
  const normOf = (name: NormName): NormValues | null =>
    model.norms.includes(name) ? block.normOf(name) : null
  const normed = (x: Value, name: NormName): Value => {
    const values = normOf(name)
    return values === null ? x : norm(tape, model, x, values)
  }
  const headsNormed = (x: Value, name: 'attn_q_norm' | 'attn_k_norm', heads: number): Value => {
    if (model.queryKeyNorm === 'token') return normed(x, name)
    const values = normOf(name)
    const { headWidth, normEpsilon: epsilon } = model
    return values === null ? x : headNorm(tape, x, values.weight, { heads, headWidth, epsilon })
  }
  const scaled = (x: Value): Value => (model.residualScale === 1 ? x : scale(tape, x, model.residualScale))

  const entering = normed(hidden, 'attn_norm')
  const heads = {
    queries: headsNormed(project(entering, 'attn_q'), 'attn_q_norm', model.headCount),
    keys: headsNormed(project(entering, 'attn_k'), 'attn_k_norm', model.kvHeadCount),
    values: project(entering, 'attn_v'),
  }
  const attended = attention(tape, attentionShape(model, kind), heads, block.positions, block)
  const attentionPart = normed(project(attended.output, 'attn_output'), 'post_attention_norm')
  const [middle, residual] = sumAndNorm(tape, model, hidden, scaled(attentionPart), normOf('ffn_norm'))
  const gate = project(middle, 'ffn_gate')
  const opened = model.activation === 'silu' ? silu(tape, gate) : gelu(tape, gate)
  const product = multiply(tape, opened, project(middle, 'ffn_up'))
  const feedForwardPart = normed(project(product, 'ffn_down'), 'post_ffw_norm')
  const next = add(tape, residual, scaled(feedForwardPart))
  return { next, keys: attended.keys, values: attended.values }
}
