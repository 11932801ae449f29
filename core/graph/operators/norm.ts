import type { ModelDescription } from '../../model/description.js'
import type { Tape, Value } from '../tape.js'
import { add } from './elementwise.js'
import { layerNorm } from './layer-norm.js'
import { addAndNorm, rmsNorm } from './rms-norm.js'

/** Where the numbers of a norm are. */
export interface NormValues {
  /** Shape [width]. */
  readonly weight: Value
  /** Shape [width]; null where the model's norms have none. */
  readonly bias: Value | null
}

/** The norm of a model over the last axis: root mean square, or layer norm where it has a bias. */
export function norm(
  tape: Tape,
  { normEpsilon }: Pick<ModelDescription, 'normEpsilon'>,
  x: Value,
  { weight, bias }: NormValues,
): Value {
  return bias === null ? rmsNorm(tape, x, weight, normEpsilon) : layerNorm(tape, x, weight, bias, normEpsilon)
}

/** x + y and its norm, in one pass where the runtime has that; the sum itself where there is no norm. */
export function sumAndNorm(
  tape: Tape,
  model: Pick<ModelDescription, 'normEpsilon'>,
  x: Value,
  y: Value,
  values: NormValues | null,
): [normed: Value, sum: Value] {
  if (values !== null && values.bias === null) return addAndNorm(tape, x, y, values.weight, model.normEpsilon)
  const sum = add(tape, x, y)
  return [values === null ? sum : norm(tape, model, sum, values), sum]
}
