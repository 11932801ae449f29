import { linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import { linearGroupNames } from '../model/linear-groups.js'
import { blockOnInputs, type BlockVariant } from './block-graph.js'
import { outerProduct } from './operators/matrix-product.js'
import { Tape, type Value } from './tape.js'

/**
 * The graph of a transformer block up to what enters its last linear, of which only sums over the tokens are kept.
 *
 * Inputs: those of `buildBlockGraph`. Outputs: `moments.NAME` [columns, columns], Σ x xᵀ over batch and positions of the
 * inputs x of each group of linears (`attn_q`, `attn_output`, `ffn_gate`, `ffn_down`), and `sizes.NAME` [columns], Σ |x|.
 */
export function buildBlockMomentsGraph(model: ModelDescription, variant: BlockVariant): Uint8Array {
  const tape = new Tape()
  const entering = new Map<LinearName, Value>()
  blockOnInputs(tape, model, variant, undefined, (name, x) => entering.set(name, x))
  for (const name of linearGroupNames) {
    const x = entering.get(name)
    if (x === undefined) continue
    const { columns } = linearShape(model, name)
    tape.output(`moments.${name}`, outerProduct(tape, x, x), 'float32', [columns, columns])
    const sizes = tape.node('ReduceSum', [tape.node('Abs', [x]), tape.int64([0, 1])], { keepdims: 0 })
    tape.output(`sizes.${name}`, sizes, 'float32', [columns])
  }
  return tape.build('block-moments')
}
