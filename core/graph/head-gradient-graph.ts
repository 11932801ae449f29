import type { ModelDescription } from '../model/description.js'
import { backpropagate } from './backpropagate.js'
import { linear, weightsAsInputs, type LinearFormat, type WeightSource } from './linear.js'
import { finishedLogits, outputNorm, outputNormInputs } from './output-head.js'
import { Tape, type Value } from './tape.js'

/** A chunk of the output matrix: `rows` rows of the vocabulary. */
export interface HeadChunk {
  readonly format: LinearFormat
  readonly rows: number
}

/** One number for each token. */
const byToken = [1, 'tokens', 1] as const

/**
 * The graph of a chunk of the output matrix' part in the gradient of Σ coefficient · logΣexp(logits), the sum over tokens,
 * at the normed states.
 *
 * ∂/∂logits = coefficient · exp(logits − logΣexp), where logΣexp is over the whole vocabulary; ∂/∂normed = that through the
 * scale and cap of logits, · W.
 *
 * Inputs: `hidden` [1, tokens, width], `output_norm` (and `output_norm.bias`) [width], `output.*`, `logSumExp` and `coefficients` [1, tokens, 1].
 * Output: `gradient.normed` [1, tokens, width].
 */
export function buildHeadGradientGraph(model: ModelDescription, chunk: HeadChunk): Uint8Array {
  const tape = new Tape()
  const logitsOf = chunkLogits(tape, model, chunk)
  const { normed, logits } = logitsOf('hidden')
  const probabilities = exponentials(tape, logits, 'logSumExp')
  const ofLogits = tape.node('Mul', [probabilities, tape.input('coefficients', 'float32', byToken)])
  const [ofNormed] = backpropagate(tape, logits, ofLogits, [normed]).values()
  tape.output('gradient.normed', ofNormed, 'float32')
  return tape.build('headGradient')
}

/**
 * The graph of a chunk of the output matrix' part in Σ coefficient · KL(q ‖ p) and in its gradient at the normed states,
 * where p is the model's distribution at `hidden` and q the base's at `baseHidden`.
 *
 * KL(q ‖ p) = Σ_v q(v) (base logit(v) − logit(v)) − base logΣexp + logΣexp; ∂/∂logits = coefficient · (p − q).
 *
 * Inputs: those of `buildHeadGradientGraph`, and `baseHidden` and `baseLogSumExp` in the shapes of theirs.
 * Outputs: `gradient.normed` [1, tokens, width], and `difference` [1, tokens, 1], the chunk's part of the sum over v.
 */
export function buildDivergenceGraph(model: ModelDescription, chunk: HeadChunk): Uint8Array {
  const tape = new Tape()
  const logitsOf = chunkLogits(tape, model, chunk)
  const { normed, logits } = logitsOf('hidden')
  const { logits: baseLogits } = logitsOf('baseHidden')
  const probabilities = exponentials(tape, logits, 'logSumExp')
  const ofBase = exponentials(tape, baseLogits, 'baseLogSumExp')
  const apart = tape.node('Sub', [probabilities, ofBase])
  const ofLogits = tape.node('Mul', [apart, tape.input('coefficients', 'float32', byToken)])
  const [ofNormed] = backpropagate(tape, logits, ofLogits, [normed]).values()
  const differences = tape.node('Mul', [ofBase, tape.node('Sub', [baseLogits, logits])])
  const axis = tape.int64([-1])
  tape.output('gradient.normed', ofNormed, 'float32')
  tape.output('difference', tape.node('ReduceSum', [differences, axis], { keepdims: 1 }), 'float32')
  return tape.build('divergence')
}

/** The final norm and the chunk's logits of the states in an input; the weights are declared once. */
function chunkLogits(
  tape: Tape,
  model: ModelDescription,
  { format, rows }: HeadChunk,
): (input: string) => { normed: Value; logits: Value } {
  const norm = outputNorm(tape, model, outputNormInputs(tape, model))
  const declared = new Map<string, Value>()
  const asInputs = weightsAsInputs(tape, 'output')
  const source: WeightSource = (part, type, shape) => {
    const value = declared.get(part) ?? asInputs(part, type, shape)
    declared.set(part, value)
    return value
  }
  const spec = { name: 'output', rows, columns: model.width, format, hasBias: false } as const
  return (input) => {
    const hidden = tape.input(input, 'float32', [1, 'tokens', model.width])
    const normed = norm(hidden)
    const products = linear(tape, normed, { ...spec, zeroPointPath: 'zeroPoints' }, source)
    return { normed, logits: finishedLogits(tape, model, products) }
  }
}

/** exp(logits − total), the chunk's part of a softmax whose normaliser is the input called `total`. */
function exponentials(tape: Tape, logits: Value, total: string): Value {
  return tape.node('Exp', [tape.node('Sub', [logits, tape.input(total, 'float32', byToken)])])
}
