import type { ModelDescription } from '../model/description.js'
import { scale } from './operators/elementwise.js'
import { norm } from './operators/norm.js'
import { softCap } from './operators/soft-cap.js'
import type { Tape, Value } from './tape.js'

/** Declares a vector of the final norm; `output_norm`, or `output_norm.bias` of models that have it. */
export type OutputNormSource = (name: 'output_norm' | 'output_norm.bias') => Value

/** The final norm as a function, with its numbers declared once. */
export function outputNorm(
  tape: Tape,
  model: ModelDescription,
  source: OutputNormSource,
): (hidden: Value) => Value {
  const values = {
    weight: source('output_norm'),
    bias: model.normKind === 'layer' ? source('output_norm.bias') : null,
  }
  return (hidden) => norm(tape, model, hidden, values)
}

/** The final norm's numbers as graph inputs. */
export function outputNormInputs(tape: Tape, model: ModelDescription): OutputNormSource {
  return (name) => tape.input(name, 'float32', [model.width])
}

/** What becomes of the products with the output matrix: y = cap(logitScale · x). */
export function finishedLogits(tape: Tape, { logitScale, logitSoftCap }: ModelDescription, x: Value): Value {
  const scaled = logitScale === 1 ? x : scale(tape, x, logitScale)
  return logitSoftCap === null ? scaled : softCap(tape, scaled, logitSoftCap)
}
