import { linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import type { LinearGroup } from '../model/linear-groups.js'
import { blockOnInputs, type BlockVariant } from './block-graph.js'
import { Tape, type Value } from './tape.js'

/** The groups of linears whose inputs a rotation turns: the two that read norms, and the one that reads values. */
export const turnedGroups = ['attn_q', 'attn_output', 'ffn_gate'] as const satisfies readonly LinearGroup[]
export type TurnedGroup = (typeof turnedGroups)[number]

/**
 * The graph of a transformer block up to what enters the linears of `turnedGroups`.
 *
 * Inputs: those of `buildBlockGraph`. Outputs: `entering.NAME` [batch, sequence, columns] for each of them.
 */
export function buildBlockEnteringGraph(model: ModelDescription, variant: BlockVariant): Uint8Array {
  const tape = new Tape()
  const entering = new Map<LinearName, Value>()
  blockOnInputs(tape, model, variant, undefined, (name, x) => entering.set(name, x))
  for (const name of turnedGroups) {
    const x = entering.get(name)
    if (x === undefined) continue
    const { columns } = linearShape(model, name)
    tape.output(`entering.${name}`, x, 'float32', ['batch', 'sequence', columns])
  }
  return tape.build('block-entering')
}
