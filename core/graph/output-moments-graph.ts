import type { ModelDescription } from '../model/description.js'
import { outputNorm, outputNormInputs } from './output-head.js'
import { Tape } from './tape.js'

/**
 * The graph of what enters the output matrix, summed over tokens.
 *
 * Inputs: `hidden` [tokens, width], `output_norm` (and `output_norm.bias`) [width]. Output: `moments` [width, width], Σ x xᵀ of the
 * normed states x.
 */
export function buildOutputMomentsGraph(model: ModelDescription): Uint8Array {
  const tape = new Tape()
  const hidden = tape.input('hidden', 'float32', ['tokens', model.width])
  const normed = outputNorm(tape, model, outputNormInputs(tape, model))(hidden)
  const moments = tape.node('FusedMatMul', [normed, normed], { transA: 1 }, { domain: 'com.microsoft' })
  tape.output('moments', moments, 'float32', [model.width, model.width])
  return tape.build('output-moments')
}
