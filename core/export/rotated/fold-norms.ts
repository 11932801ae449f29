import type { FloatBlock } from '../../engine/float-block-runner.js'
import { linearGroups } from '../../model/linear-groups.js'
import { multiplyColumns } from '../calibrated/columns.js'

/** The norms of a block that linears read, and those linears. */
const foldedNorms = [
  ['attn_norm', linearGroups.attn_q],
  ['ffn_norm', linearGroups.ffn_gate],
] as const

/**
 * Multiplies the weights of the norms of a block onto the columns of the linears that read them, and makes them 1: the block computes the
 * same, and its norms turn with the hidden state.
 *
 * @param block changed in place
 */
export function foldNorms({ linears, vectors }: FloatBlock): void {
  for (const [norm, names] of foldedNorms) {
    const weights = vectors.get(norm)
    if (weights === undefined) continue
    for (const name of names) multiplyColumns(linears[name], weights)
    weights.fill(1)
  }
}
