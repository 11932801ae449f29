import type { Tape, Value } from '../tape.js'
import { sumOverTokens } from './elementwise.js'

/**
 * y = n ∘ weight + bias with n = c · i, c = x − mean(x), i = 1 / √(mean(c²) + ε), means over the last axis.
 *
 * dx = i · (dn − mean(dn) − n · mean(dn ∘ n)) with dn = dy ∘ weight; dweight = Σ over tokens of dy ∘ n; dbias = Σ of dy.
 *
 * Source: Ba et al. 2016, arXiv:1607.06450.
 *
 * @param x shape [batch, sequence, width]
 * @param weight shape [width], as the bias
 */
export function layerNorm(tape: Tape, x: Value, weight: Value, bias: Value, epsilon: number): Value {
  const y = tape.node('LayerNormalization', [x, weight, bias], {
    axis: -1,
    epsilon: { float: epsilon },
  })
  return tape.differentiable(y, [x, weight, bias], (gradient) => {
    const mean = (value: Value): Value => tape.node('ReduceMean', [value, tape.int64([-1])], { keepdims: 1 })
    const centered = tape.node('Sub', [x, mean(x)])
    const variance = mean(tape.node('Mul', [centered, centered]))
    const deviation = tape.node('Sqrt', [tape.node('Add', [variance, tape.float32(epsilon)])])
    const normed = tape.node('Div', [centered, deviation])
    return [
      () => {
        const ofNormed = tape.node('Mul', [gradient, weight])
        const along = tape.node('Mul', [normed, mean(tape.node('Mul', [ofNormed, normed]))])
        const rest = tape.node('Sub', [tape.node('Sub', [ofNormed, mean(ofNormed)]), along])
        return tape.node('Div', [rest, deviation])
      },
      () => sumOverTokens(tape, tape.node('Mul', [gradient, normed]), 0),
      () => sumOverTokens(tape, gradient, 0),
    ]
  })
}
