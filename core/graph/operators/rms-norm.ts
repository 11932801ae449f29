import type { Tape, Value } from '../tape.js'
import { sumOverTokens } from './elementwise.js'

/**
 * y = x · i ∘ weight with i = 1 / √(mean(x²) + ε), the mean over the last axis.
 *
 * dx = i · (dn − x · i² · mean(dn ∘ x)) with dn = dy ∘ weight; dweight = Σ over tokens of dy ∘ x · i
 *
 * Source: Zhang and Sennrich 2019, arXiv:1910.07467.
 *
 * @param weight shape [width]
 */
export function rmsNorm(tape: Tape, x: Value, weight: Value, epsilon: number): Value {
  const y = tape.node('SimplifiedLayerNormalization', [x, weight], {
    axis: -1,
    stash_type: 1,
    epsilon: { float: epsilon },
  })
  return differentiableNorm(tape, y, x, weight, epsilon)
}

/**
 * The residual sum x + y and its norm, in one pass.
 *
 * d(x + y) is the sum of its own gradient and the norm's; dx = dy = d(x + y).
 */
export function addAndNorm(
  tape: Tape,
  x: Value,
  y: Value,
  weight: Value,
  epsilon: number,
): [normed: Value, sum: Value] {
  const [normed, , , sum] = tape.nodes(
    'SkipSimplifiedLayerNormalization',
    [x, y, weight],
    { epsilon: { float: epsilon } },
    { domain: 'com.microsoft', outputs: 4, unused: [1, 2] },
  )
  tape.differentiable(sum, [x, y], (gradient) => [() => gradient, () => gradient])
  return [differentiableNorm(tape, normed, sum, weight, epsilon), sum]
}

function differentiableNorm(tape: Tape, y: Value, x: Value, weight: Value, epsilon: number): Value {
  return tape.differentiable(y, [x, weight], (gradient) => {
    const mean = (value: Value): Value => tape.node('ReduceMean', [value, tape.int64([-1])], { keepdims: 1 })
    const power = tape.node('Add', [mean(tape.node('Mul', [x, x])), tape.float32(epsilon)])
    const inverse = tape.node('Reciprocal', [tape.node('Sqrt', [power])])
    return [
      () => {
        const scaled = tape.node('Mul', [gradient, weight])
        const slope = tape.node('Div', [mean(tape.node('Mul', [scaled, x])), power])
        const along = tape.node('Mul', [x, slope])
        return tape.node('Mul', [tape.node('Sub', [scaled, along]), inverse])
      },
      () => sumOverTokens(tape, tape.node('Mul', [gradient, tape.node('Mul', [x, inverse])]), 0),
    ]
  })
}
