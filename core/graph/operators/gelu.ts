import type { Tape, Value } from '../tape.js'

const root = Math.sqrt(2 / Math.PI)
const cubic = 0.044715

/**
 * y = x · (1 + t) / 2 with t = tanh(√(2/π) · (x + 0.044715 x³)).
 *
 * dx = dy ∘ ((1 + t) / 2 + x / 2 · (1 − t²) · √(2/π) · (1 + 3 · 0.044715 x²))
 *
 * Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2, the approximation.
 */
export function gelu(tape: Tape, x: Value): Value {
  const y = tape.node('FastGelu', [x], {}, { domain: 'com.microsoft' })
  return tape.differentiable(y, [x], (gradient) => [
    () => {
      const times = (value: Value, factor: number): Value => tape.node('Mul', [value, tape.float32(factor)])
      const plus = (value: Value, summand: number): Value => tape.node('Add', [value, tape.float32(summand)])
      const squares = tape.node('Mul', [x, x])
      const inner = tape.node('Mul', [x, plus(times(squares, root * cubic), root)])
      const t = tape.node('Tanh', [inner])
      const bell = tape.node('Sub', [tape.float32(1), tape.node('Mul', [t, t])])
      const ofInner = plus(times(squares, 1.5 * root * cubic), root / 2)
      const bend = tape.node('Mul', [tape.node('Mul', [x, bell]), ofInner])
      const slope = tape.node('Add', [times(plus(t, 1), 0.5), bend])
      return tape.node('Mul', [gradient, slope])
    },
  ])
}
