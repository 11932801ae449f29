import { Tape, type Value } from './tape.js'

/** Each squares how far the matrix is from an orthogonal one, down to the rounding of floats from a turn of 0.3. */
const iterations = 4

/**
 * The graph of a turned orthogonal matrix: the orthogonal matrix that is nearest to R (I − A), A skew and small.
 *
 * By Newton and Schulz's iteration, Q ← Q (3 I − QᵀQ) / 2, which needs products only and takes away what rounding has done before too.
 *
 * Source: Björck and Bowie 1971.
 *
 * Inputs: `rotation` [d, d], `turn` [d, d] (A), whose singular values are below √2. Outputs: `turned` [d, d] (Q); `distance`, a
 * scalar, the largest element of QᵀQ − I: where the turn was too large, Q is not orthogonal.
 */
export function buildTurnGraph(): Uint8Array {
  const tape = new Tape()
  const rotation = tape.input('rotation', 'float32', ['d', 'd'])
  const turn = tape.input('turn', 'float32', ['d', 'd'])
  const squareOf = (value: Value): Value =>
    tape.node('FusedMatMul', [value, value], { transA: 1 }, { domain: 'com.microsoft' })
  const scaled = (value: Value, factor: number): Value => tape.node('Mul', [value, tape.float32(factor)])
  let q = tape.node('Sub', [rotation, tape.node('MatMul', [rotation, turn])])
  for (let at = 0; at < iterations; at++) {
    q = tape.node('Sub', [scaled(q, 1.5), scaled(tape.node('MatMul', [q, squareOf(q)]), 0.5)])
  }
  const identity = tape.node('EyeLike', [rotation], { dtype: 1 })
  const difference = tape.node('Abs', [tape.node('Sub', [squareOf(q), identity])])
  tape.output('distance', tape.node('ReduceMax', [difference], { keepdims: 0 }), 'float32', [])
  tape.output('turned', q, 'float32', ['d', 'd'])
  return tape.build('turn')
}
