import type { ModelDescription } from '../model/description.js'
import { backpropagate } from './backpropagate.js'
import { blockOnInputs, variantKey, type BlockVariant } from './block-graph.js'
import { tokenChoiceInputs } from './operators/chosen-tokens.js'
import { Tape } from './tape.js'

/** What a backward graph depends on besides the model. */
export interface BackwardVariant extends BlockVariant {
  /**
   * Names of inputs whose gradients are outputs: `hidden`, norms (`attn_norm`, …) and their biases, and of each linear `NAME.rowFactors`,
   * `NAME.columnFactors`, `NAME.bias`, `NAME.scales`, `NAME.zeroPoints`, `NAME.loraA`, `NAME.loraB` and `NAME.weights` (as
   * if the weight were floats, also where it is codes).
   */
  readonly wanted: readonly string[]
  /** Parts of the queries that the gradient of attention takes one after the other; its memory falls with it. */
  readonly attentionChunks: number
  /** Whether gradients of quantized weights are estimated from a share of the tokens; not unless said. */
  readonly isSampled?: boolean
}

/**
 * The graph of one transformer block's backward pass: the block is computed again from the hidden state that entered it,
 * then its gradients, in reverse.
 *
 * Inputs: those of `buildBlockGraph`, but factors have shape [1, 1, rows or columns]; and `nextGradient`
 * [batch, sequence, width], the gradient of the next hidden state, 0 at padding; where it is sampled, those of `TokenChoice`. Outputs: `gradient.NAME` for every wanted
 * input, in its shape, summed over batch and positions.
 */
export function buildBlockBackwardGraph(model: ModelDescription, variant: BackwardVariant): Uint8Array {
  const tape = new Tape()
  const next = blockOnInputs(tape, model, variant, {
    attentionChunks: variant.attentionChunks,
    tokens: variant.isSampled === true ? tokenChoiceInputs(tape) : null,
  })
  const nextGradient = tape.input('nextGradient', 'float32', ['batch', 'sequence', model.width])
  for (const [name, gradient] of backpropagate(tape, next, nextGradient, variant.wanted)) {
    tape.output(`gradient.${name}`, gradient, 'float32')
  }
  return tape.build('block-backward')
}

/** A key that is equal for equal variants. */
export function backwardVariantKey(variant: BackwardVariant): string {
  return JSON.stringify([
    variantKey(variant),
    variant.wanted,
    variant.attentionChunks,
    variant.isSampled === true,
  ])
}
