import { Tape, type ElementType } from './tape.js'

/**
 * The graph of y = x, for tensors of any shape: a session moves what it takes and gives to where that should lie.
 *
 * Input: `x`. Output: `y`.
 */
export function buildIdentityGraph(type: ElementType): Uint8Array {
  const tape = new Tape()
  tape.output('y', tape.input('x', type), type)
  return tape.build('identity')
}
