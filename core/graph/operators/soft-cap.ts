import type { Tape, Value } from '../tape.js'

/**
 * y = cap · tanh(x / cap). dx = dy ∘ (1 − (y / cap)²).
 *
 * Source: Gemma 2, Gemma Team 2024, arXiv:2408.00118, section 2.
 */
export function softCap(tape: Tape, x: Value, cap: number): Value {
  const y = capped(tape, x, cap)
  return tape.differentiable(y, [x], (gradient) => [() => throughCap(tape, gradient, y, cap)])
}

/** cap · tanh(x / cap), without a gradient. */
export function capped(tape: Tape, x: Value, cap: number): Value {
  const ratio = tape.node('Tanh', [tape.node('Mul', [x, tape.float32(1 / cap)])])
  return tape.node('Mul', [ratio, tape.float32(cap)])
}

/** dy ∘ (1 − (y / cap)²), of a y that `capped` gave. */
export function throughCap(tape: Tape, gradient: Value, y: Value, cap: number): Value {
  const squares = tape.node('Mul', [y, y])
  const slope = tape.node('Sub', [
    tape.float32(1),
    tape.node('Mul', [squares, tape.float32(1 / (cap * cap))]),
  ])
  return tape.node('Mul', [gradient, slope])
}
