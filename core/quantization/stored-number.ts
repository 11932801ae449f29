import type { TensorOutline } from '../formats/gguf/format-header.js'
import { EngineError } from '../schema/engine-error.js'

const smallestNormalHalf = 2 ** -14

/**
 * What storing a number cost: |stored − exact| / max(|exact|, 2^−14), because below that number half floats have no relative
 * precision, and no weight.
 */
export function relativeError(stored: number, exact: number): number {
  return Math.abs(stored - exact) / Math.max(Math.abs(exact), smallestNormalHalf)
}

/** The failure of a number that leaves the range of its tensor's type. */
export function unrepresentable(tensor: TensorOutline, row: number, value: number): EngineError {
  const where = `row ${row} of tensor '${tensor.name}'`
  const message = `The trained value ${value} in ${where} is beyond the range of type ${tensor.type}`
  return new EngineError('value-unrepresentable', { where, value }, message)
}
