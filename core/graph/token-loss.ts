import { endNode as node, type GraphEnd } from './graph-end.js'
import { elementTypes, valueInfo, type Value } from './tape.js'

/** Names of what a token loss takes and gives. */
export const tokenLossNames = {
  /** int64, shape [places, 2]: row of the batch and position in it, at which the next token is looked at. */
  places: 'zerotune.places',
  /** int64, shape [places, choices]: tokens to look at. */
  targets: 'zerotune.targets',
  /** float32, shape [places, choices]. */
  logProbabilities: 'zerotune.log_probabilities',
  /** int64, shape [places]. */
  bestTokens: 'zerotune.best_tokens',
} as const

/**
 * Cross entropy after a language model's logits [batch, sequence, vocabulary]: the natural logarithm of the probability of chosen
 * tokens at chosen places, and the most likely token there.
 *
 * The operators have the same meaning in all sets of standard operators from 11 on.
 */
export function tokenLoss(logits: Value): GraphEnd {
  const { places, targets, logProbabilities, bestTokens } = tokenLossNames
  const value = (name: string): Value => `zerotune.${name}`
  return {
    nodes: [
      node('GatherND', [logits, places], value('chosen')),
      node('Cast', [value('chosen')], value('chosen_floats'), { to: elementTypes.float32 }),
      node('LogSoftmax', [value('chosen_floats')], value('all'), { axis: 1 }),
      node('GatherElements', [value('all'), targets], logProbabilities, { axis: 1 }),
      node('ArgMax', [value('chosen_floats')], bestTokens, { axis: 1, keepdims: 0 }),
    ],
    inputs: [valueInfo(places, 'int64', ['places', 2]), valueInfo(targets, 'int64', ['places', 'choices'])],
    outputs: [
      valueInfo(logProbabilities, 'float32', ['places', 'choices']),
      valueInfo(bestTokens, 'int64', ['places']),
    ],
  }
}
