import { Tape } from './tape.js'

/** Which side of a matrix is turned: its inputs, W R, or its outputs, Rᵀ W. */
export type TurnedSide = 'inputs' | 'outputs'

/**
 * The graph of a matrix that is turned by an orthogonal one.
 *
 * Inputs: `weights` [rows, columns], `rotation` [columns, columns] for inputs and [rows, rows] for outputs. Output: `turned` [rows, columns].
 */
export function buildRotateGraph(side: TurnedSide): Uint8Array {
  const tape = new Tape()
  const weights = tape.input('weights', 'float32', ['rows', 'columns'])
  const rotation = tape.input('rotation', 'float32', ['d', 'd'])
  const turned =
    side === 'inputs'
      ? tape.node('MatMul', [weights, rotation])
      : tape.node('FusedMatMul', [rotation, weights], { transA: 1 }, { domain: 'com.microsoft' })
  tape.output('turned', turned, 'float32', ['rows', 'columns'])
  return tape.build('rotate')
}
