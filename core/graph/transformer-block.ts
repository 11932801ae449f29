import type { LinearName, ModelDescription } from '../model/description.js'
import { attention, type AttentionOptions, type PositionValues } from './operators/attention.js'
import { add, multiply } from './operators/elementwise.js'
import { addAndNorm, rmsNorm } from './operators/rms-norm.js'
import { silu } from './operators/silu.js'
import type { Tape, Value } from './tape.js'

/** What a transformer block's nodes read, besides the hidden state. */
export interface BlockValues extends AttentionOptions {
  /** Shape [width]. */
  readonly attentionNorm: Value
  /** Shape [width]. */
  readonly feedForwardNorm: Value
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
 * The nodes of one transformer block. Every operator knows its gradient, so this is the description of the block's
 * backward pass too.
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
  const attended = attention(tape, model, heads, block.positions, block)
  const [middle, residual] = addAndNorm(
    tape,
    hidden,
    project(attended.output, 'attn_output'),
    block.feedForwardNorm,
    model.normEpsilon,
  )
  const gate = silu(tape, project(middle, 'ffn_gate'))
  const product = multiply(tape, gate, project(middle, 'ffn_up'))
  const next = add(tape, residual, project(product, 'ffn_down'))
  return { next, keys: attended.keys, values: attended.values }
}
