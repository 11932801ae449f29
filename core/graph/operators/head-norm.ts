import type { Tape, Value } from '../tape.js'
import { rmsNorm } from './rms-norm.js'

/**
 * The root-mean-square norm of each head, all heads with the same weight.
 *
 * @param x shape [batch, sequence, heads · headWidth]
 * @param weight shape [headWidth]
 */
export function headNorm(
  tape: Tape,
  x: Value,
  weight: Value,
  {
    heads,
    headWidth,
    epsilon,
  }: { readonly heads: number; readonly headWidth: number; readonly epsilon: number },
): Value {
  const width = heads * headWidth
  const byHead = rowsOf(tape, x, headWidth, width)
  return rowsOf(tape, rmsNorm(tape, byHead, weight, epsilon), width, headWidth)
}

/** The same numbers in rows of another length, shape [batch, rows, length]. */
function rowsOf(tape: Tape, x: Value, length: number, before: number): Value {
  const inRows = (value: Value, of: number): Value => tape.node('Reshape', [value, tape.int64([0, -1, of])])
  return tape.differentiable(inRows(x, length), [x], (gradient) => [() => inRows(gradient, before)])
}
