import type { Tape, Value } from '../tape.js'

/** z = x + y, of equal shapes. dx = dy = dz. */
export function add(tape: Tape, x: Value, y: Value): Value {
  const sum = tape.node('Add', [x, y])
  return tape.differentiable(sum, [x, y], (gradient) => [() => gradient, () => gradient])
}

/** z = x ∘ y, of equal shapes. dx = dz ∘ y, dy = dz ∘ x. */
export function multiply(tape: Tape, x: Value, y: Value): Value {
  const product = tape.node('Mul', [x, y])
  return tape.differentiable(product, [x, y], (gradient) => [
    () => tape.node('Mul', [gradient, y]),
    () => tape.node('Mul', [gradient, x]),
  ])
}

/** y = factor · x. dx = factor · dy. */
export function scale(tape: Tape, x: Value, factor: number): Value {
  const times = (value: Value): Value => tape.node('Mul', [value, tape.float32(factor)])
  return tape.differentiable(times(x), [x], (gradient) => [() => times(gradient)])
}

/**
 * y = x ∘ factors, the same factors for all tokens. dx = dy ∘ factors, dfactors = Σ over tokens of dy ∘ x.
 *
 * @param x shape [batch, sequence, n]
 * @param factors shape [1, 1, n]; without gradient also [batch, 1, n]
 */
export function multiplyChannels(tape: Tape, x: Value, factors: Value): Value {
  const product = tape.node('Mul', [x, factors])
  return tape.differentiable(product, [x, factors], (gradient) => [
    () => tape.node('Mul', [gradient, factors]),
    () => sumOverTokens(tape, tape.node('Mul', [gradient, x]), 1),
  ])
}

/**
 * y = x + bias. dx = dy, dbias = Σ over tokens of dy.
 *
 * @param x shape [batch, sequence, n]
 * @param bias shape [n]
 */
export function addBias(tape: Tape, x: Value, bias: Value): Value {
  const sum = tape.node('Add', [x, bias])
  return tape.differentiable(sum, [x, bias], (gradient) => [
    () => gradient,
    () => sumOverTokens(tape, gradient, 0),
  ])
}

/** Sums over batch and sequence, shape [1, 1, n] or, without `keepdims`, [n]. */
export function sumOverTokens(tape: Tape, x: Value, keepdims: 0 | 1): Value {
  return tape.node('ReduceSum', [x, tape.int64([0, 1])], { keepdims })
}
