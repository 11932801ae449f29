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

/**
 * What storing a row in blocks cost: the error of its worst value, relative to the largest of the row.
 *
 * @throws EngineError 'value-unrepresentable' where a stored value is not finite
 */
export function rowError(
  tensor: TensorOutline,
  row: number,
  values: Float32Array,
  stored: Float32Array,
): number {
  let [furthest, largest] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    // The scale of a value beyond the type's range is infinite, and so is every value of its block, or not a number.
    if (!Number.isFinite(stored[i])) throw unrepresentable(tensor, row, values[i])
    furthest = Math.max(furthest, Math.abs(stored[i] - values[i]))
    largest = Math.max(largest, Math.abs(values[i]))
  }
  return largest === 0 ? 0 : furthest / largest
}

/** The largest `rowError` of rows of a matrix that begin with row `first`. Throws as that. */
export function matrixError(
  tensor: TensorOutline,
  values: Float32Array,
  stored: Float32Array,
  first = 0,
): number {
  const columns = tensor.shape[1]
  let largest = 0
  for (let start = 0; start < values.length; start += columns) {
    const end = start + columns
    const row = first + start / columns
    const error = rowError(tensor, row, values.subarray(start, end), stored.subarray(start, end))
    largest = Math.max(largest, error)
  }
  return largest
}
