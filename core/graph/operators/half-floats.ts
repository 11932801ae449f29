import { elementTypes, type Tape, type Value } from '../tape.js'

/**
 * Floats rounded to half floats: to 11 significant bits, to 0 below 3·10⁻⁸ and to infinity beyond 65,520.
 *
 * @param rank how many dimensions x has
 */
export function halved(tape: Tape, x: Value, rank: number): Value {
  return stored(tape, tape.node('Cast', [x], { to: elementTypes.float16 }), rank)
}

/** Half floats as floats; exact. */
export function widened(tape: Tape, x: Value, rank: number): Value {
  return tape.node('Cast', [stored(tape, x, rank)], { to: elementTypes.float32 })
}

/**
 * x Y of floats x, rounded, and half floats Y; the result is rounded too, and given as floats.
 *
 * @param x shape [batch, sequence, n]
 * @param y shape [n, m]
 */
export function halfProduct(tape: Tape, x: Value, y: Value): Value {
  return widened(tape, tape.node('MatMul', [halved(tape, x, 3), y]), 3)
}

/**
 * The same numbers in the same shape. The processor has no products of half floats: the runtime takes them in floats there, and
 * leaves out a rounding that only such a product sees. A reshape sees it, and costs nothing.
 */
function stored(tape: Tape, x: Value, rank: number): Value {
  return tape.node('Reshape', [x, tape.int64(Array.from({ length: rank }, () => 0))])
}
