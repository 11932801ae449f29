import type { Tape, Value } from '../tape.js'

/**
 * y = x · σ(x), with σ the logistic function. dx = dy ∘ σ(x) ∘ (1 + x − y).
 *
 * Source: Elfwing et al. 2017, arXiv:1702.03118.
 */
export function silu(tape: Tape, x: Value): Value {
  const y = tape.node('QuickGelu', [x], { alpha: { float: 1 } }, { domain: 'com.microsoft' })
  return tape.differentiable(y, [x], (gradient) => [
    () => {
      const rest = tape.node('Add', [tape.node('Sub', [x, y]), tape.float32(1)])
      const slope = tape.node('Mul', [tape.node('Sigmoid', [x]), rest])
      return tape.node('Mul', [gradient, slope])
    },
  ])
}
