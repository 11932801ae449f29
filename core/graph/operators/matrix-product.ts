import type { Tape, Value } from '../tape.js'
import { halfProduct } from './half-floats.js'

/**
 * y = scale · x Wᵀ, with W in floats. dx = scale · dy W, dW = scale · dyᵀ x, summed over batch and sequence.
 *
 * @param x shape [batch, sequence, columns]
 * @param weights shape [rows, columns]
 * @returns shape [batch, sequence, rows]
 */
export function matrixProduct(tape: Tape, x: Value, weights: Value, scale = 1): Value {
  const alpha = scale === 1 ? {} : { alpha: { float: scale } }
  const y = fusedProduct(tape, x, weights, { transB: 1, ...alpha })
  return tape.differentiable(y, [x, weights], (gradient) => [
    () => fusedProduct(tape, gradient, weights, alpha),
    () => outerProduct(tape, gradient, x, scale),
  ])
}

/**
 * y = x Wᵀ and dx = dy W, with x, dy and W in half floats, given and returned as floats; dW = dyᵀ x in floats.
 *
 * @param weights half floats, shape [rows, columns]
 * @param stored under what name the gradient of W may be asked for
 */
export function halfMatrixProduct(tape: Tape, x: Value, weights: Value, stored: Value): Value {
  const y = halfProduct(tape, x, tape.node('Transpose', [weights], { perm: [1, 0] }))
  return tape.differentiable(y, [x, stored], (gradient) => [
    () => halfProduct(tape, gradient, weights),
    () => outerProduct(tape, gradient, x),
  ])
}

/** scale · dyᵀ x, both by token: the gradient of a weight matrix, shape [rows, columns]. */
export function outerProduct(tape: Tape, gradient: Value, x: Value, scale = 1): Value {
  const byToken = (value: Value): Value => tape.node('Flatten', [value], { axis: 2 })
  const alpha = scale === 1 ? {} : { alpha: { float: scale } }
  return fusedProduct(tape, byToken(gradient), byToken(x), { transA: 1, ...alpha })
}

function fusedProduct(
  tape: Tape,
  x: Value,
  y: Value,
  attributes: Readonly<Record<string, number | { readonly float: number }>>,
): Value {
  return tape.node('FusedMatMul', [x, y], attributes, { domain: 'com.microsoft' })
}
