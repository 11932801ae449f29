import { meanLogProbability } from './example-score.js'
import { scaledSoftmaxGradient } from './label-gradient.js'
import type { LossGradient } from './loss-gradient.js'
import { pairMargin, preferenceSlope, type LossOptions } from './preference.js'
import { exampleScores, readTokens, tokensByRow } from './read-tokens.js'
import { ReusedBuffer } from './reused-buffer.js'
import type { ExampleRows } from './run-chunks.js'
import type { TokenScore, VocabularyHead } from './vocabulary-head.js'
import type { VocabularyHeadGradient } from './vocabulary-head-gradient.js'

/** The gradient of losses that read log-probabilities of tokens: answers, text, pairs, and labels of several tokens. */
export function tokenGradient(
  width: number,
  options: LossOptions,
  head: VocabularyHead,
  headGradient: VocabularyHeadGradient,
): LossGradient {
  const states = new ReusedBuffer()
  const gradients = new ReusedBuffer()
  return async (chunk, hidden, share, gradient) => {
    const read = readTokens(chunk, hidden, width, 0, states)
    const { targets, offsets } = read
    const tokens = await head.score(read.states, targets)
    const coefficients = tokenCoefficients(chunk, tokens, share, options)
    const weighed = tokens.map(({ logSumExp }, index) => ({
      target: targets[index],
      coefficient: coefficients[index],
      logSumExp,
    }))
    const ofStates = gradients.take(read.states.length).fill(0)
    await headGradient.addLogProbabilities(read.states, weighed, ofStates)
    offsets.forEach((offset, index) => {
      gradient.set(ofStates.subarray(index * width, (index + 1) * width), offset)
    })
    return exampleScores(chunk, tokens, options)
  }
}

/**
 * ∂ loss / ∂ log p of every token.
 *
 * Sequences: L = −share · Σ log p(token) over scored tokens. Labels: an option's score is the mean log-probability of its
 * tokens and L = share times the cross entropy of the softmax over scores, so
 * ∂L/∂log p(token) = share · (softmax(option) − [option is right]) / tokens of the option. Pairs: see `preferenceSlope`.
 */
function tokenCoefficients(
  chunk: readonly ExampleRows[],
  tokens: readonly TokenScore[],
  share: number,
  options: LossOptions,
): number[] {
  const byRow = tokensByRow(chunk, tokens)
  return chunk.flatMap(({ example }, index) => {
    const rows = byRow[index]
    if (example.kind === 'sequence') return rows.flat().map(() => -share)
    if (example.kind === 'pair') {
      const slope = share * preferenceSlope(pairMargin(example, rows, options), options.objective)
      return rows.flatMap((row, answer) => row.map(() => (answer === 0 ? slope : -slope)))
    }
    const ofOptions = scaledSoftmaxGradient(rows.map(meanLogProbability), example.label, share)
    return rows.flatMap((row, option) => row.map(() => ofOptions[option] / row.length))
  })
}
