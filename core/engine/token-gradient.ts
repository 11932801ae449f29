import type { Hidden } from './block-runner.js'
import { labelScore, meanLogProbability, sequenceScore, type ExampleScore } from './example-score.js'
import { scaledSoftmaxGradient } from './label-gradient.js'
import type { LossGradient } from './loss-gradient.js'
import type { ExampleRows } from './run-chunks.js'
import type { VocabularyHead, VocabularyScore } from './vocabulary-head.js'
import type { VocabularyHeadGradient } from './vocabulary-head-gradient.js'

/**
 * The gradient of losses that read log-probabilities of tokens: answers, text, and labels of several tokens.
 *
 * Sequences: L = −Σ log p(token) over all scored tokens, times a share. Labels: an option's score is the mean log-probability
 * of its tokens and L the cross entropy of the softmax over scores, so
 * ∂L/∂log p(token) = share · (softmax(option) − [option is right]) / tokens of the option.
 */
export function tokenGradient(
  width: number,
  head: VocabularyHead,
  headGradient: VocabularyHeadGradient,
): LossGradient {
  return async (chunk, hidden, share, gradient) => {
    const offsets = readOffsets(chunk, hidden, width)
    const states = new Float32Array(offsets.length * width)
    offsets.forEach((offset, index) =>
      states.set(hidden.data.subarray(offset, offset + width), index * width),
    )
    const targets = chunk.flatMap(({ rows }) => rows.flatMap((row) => row.targets))
    const tokens = await head.score(states, targets)
    const { scores, coefficients } = weigh(chunk, tokens, share)
    const ofStates = new Float32Array(states.length)
    const weighed = targets.map((target, index) => ({
      target,
      coefficient: coefficients[index],
      logSumExp: tokens[index].logSumExp,
    }))
    await headGradient.addLogProbabilities(states, weighed, ofStates)
    offsets.forEach((offset, index) => {
      gradient.set(ofStates.subarray(index * width, (index + 1) * width), offset)
    })
    return scores
  }
}

/** Where the hidden states lie that a chunk's rows read, row by row. */
function readOffsets(chunk: readonly ExampleRows[], { sequence }: Hidden, width: number): number[] {
  return chunk
    .flatMap(({ rows }) => rows)
    .flatMap(({ positions }, row) => positions.map((position) => (row * sequence + position) * width))
}

/** Each example's score, and ∂ loss / ∂ log p of each of its tokens, in the order of rows and targets. */
function weigh(
  chunk: readonly ExampleRows[],
  tokens: readonly VocabularyScore[],
  share: number,
): { scores: ExampleScore[]; coefficients: number[] } {
  const scores: ExampleScore[] = []
  const coefficients: number[] = []
  let next = 0
  for (const { example, rows } of chunk) {
    const byRow = rows.map(({ targets }) => tokens.slice(next, (next += targets.length)))
    if (example.kind === 'sequence') {
      scores.push(sequenceScore(byRow[0], rows[0].targets))
      coefficients.push(...byRow[0].map(() => -share))
      continue
    }
    const options = byRow.map(meanLogProbability)
    scores.push(labelScore(options, example.label))
    const ofOptions = scaledSoftmaxGradient(options, example.label, share)
    byRow.forEach((row, option) => coefficients.push(...row.map(() => ofOptions[option] / row.length)))
  }
  return { scores, coefficients }
}
