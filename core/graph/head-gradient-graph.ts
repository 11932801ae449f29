import type { ModelDescription } from '../model/description.js'
import { backpropagate } from './backpropagate.js'
import { linear, weightsAsInputs, type LinearFormat } from './linear.js'
import { rmsNorm } from './operators/rms-norm.js'
import { Tape } from './tape.js'

/**
 * The graph of one chunk of the output matrix' part in the gradient of Σ coefficient · logΣexp(logits), the sum over tokens,
 * at the normed states.
 *
 * ∂/∂logits = coefficient · exp(logits − logΣexp), where logΣexp is over the whole vocabulary; ∂/∂normed = that · W.
 *
 * Inputs: `hidden` [1, tokens, width], `output_norm` [width], `output.*` (a chunk of `rows` rows), `logSumExp` and
 * `coefficients` [1, tokens, 1]. Output: `gradient.normed` [1, tokens, width].
 */
export function buildHeadGradientGraph(
  model: ModelDescription,
  format: LinearFormat,
  rows: number,
): Uint8Array {
  const tape = new Tape()
  const shape = [1, 'tokens', model.width]
  const byToken = [1, 'tokens', 1]
  const hidden = tape.input('hidden', 'float32', shape)
  const normed = rmsNorm(tape, hidden, tape.input('output_norm', 'float32', [model.width]), model.normEpsilon)
  const spec = {
    name: 'output',
    rows,
    columns: model.width,
    format,
    hasBias: false,
    zeroPointPath: 'zeroPoints',
  } as const
  const logits = linear(tape, normed, spec, weightsAsInputs(tape, 'output'))
  const shifted = tape.node('Sub', [logits, tape.input('logSumExp', 'float32', byToken)])
  const ofLogits = tape.node('Mul', [
    tape.node('Exp', [shifted]),
    tape.input('coefficients', 'float32', byToken),
  ])
  const [ofNormed] = backpropagate(tape, logits, ofLogits, [normed]).values()
  tape.output('gradient.normed', ofNormed, 'float32', shape)
  return tape.build('headGradient')
}
