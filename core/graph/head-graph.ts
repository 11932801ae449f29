import type { ModelDescription } from '../model/description.js'
import { linear, weightsAsInputs, type LinearFormat } from './linear.js'
import { finishedLogits, outputNorm, outputNormInputs } from './output-head.js'
import { Tape } from './tape.js'

/** What a head graph gives for a chunk of the vocabulary: its logits, or what the loss and the best token need of them. */
export type HeadOutput = 'logits' | 'summary'

/**
 * The graph of the final norm and a chunk of the output matrix.
 *
 * Inputs: `hidden` [tokens, width], `output_norm` (and `output_norm.bias`) [width], `output.*` (a chunk of `rows` rows).
 * Outputs: `logits` [tokens, rows]; or `logSumExp` [tokens], `best` [tokens] (the largest logit) and `bestIndex` [tokens].
 */
export function buildHeadGraph(
  model: ModelDescription,
  format: LinearFormat,
  rows: number,
  output: HeadOutput,
): Uint8Array {
  const tape = new Tape()
  const hidden = tape.input('hidden', 'float32', ['tokens', model.width])
  const normed = outputNorm(tape, model, outputNormInputs(tape, model))(hidden)
  const spec = { name: 'output', rows, columns: model.width, format, hasBias: false } as const
  const product = linear(
    tape,
    tape.node('Unsqueeze', [normed, tape.int64([0])]),
    { ...spec, zeroPointPath: 'zeroPoints' },
    weightsAsInputs(tape, 'output'),
  )
  const logits = finishedLogits(tape, model, tape.node('Squeeze', [product, tape.int64([0])]))
  if (output === 'logits') {
    tape.output('logits', logits, 'float32', ['tokens', rows])
  } else {
    const axis = tape.int64([-1])
    tape.output('logSumExp', tape.node('ReduceLogSumExp', [logits, axis], { keepdims: 0 }), 'float32', [
      'tokens',
    ])
    tape.output('best', tape.node('ReduceMax', [logits, axis], { keepdims: 0 }), 'float32', ['tokens'])
    tape.output('bestIndex', tape.node('ArgMax', [logits], { axis: -1, keepdims: 0 }), 'int64', ['tokens'])
  }
  return tape.build('head')
}
