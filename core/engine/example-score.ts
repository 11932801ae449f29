import { logSumExp } from './label-head.js'
import type { TokenScore } from './vocabulary-head.js'

/** What a model says about one example. */
export interface ExampleScore {
  /** Nats: of the right label among the labels, or the mean over the scored tokens. */
  readonly loss: number
  /** How many tokens the loss is a mean of; 1 for labels. */
  readonly tokens: number
  /** Index of the most likely label; null where there are none. */
  readonly prediction: number | null
  /** Labels: the right one is the most likely. Sequences: every scored token is. */
  readonly isCorrect: boolean
}

/** Softmax cross entropy over the labels' scores (logits, or mean log-probabilities). */
export function labelScore(scores: ArrayLike<number>, label: number): ExampleScore {
  let prediction = 0
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[prediction]) prediction = i
  return { loss: logSumExp(scores) - scores[label], tokens: 1, prediction, isCorrect: prediction === label }
}

/** Mean negative log-likelihood of a sequence's scored tokens. */
export function sequenceScore(scores: readonly TokenScore[], targets: readonly number[]): ExampleScore {
  const sum = scores.reduce((total, { logProbability }) => total + logProbability, 0)
  return {
    loss: -sum / scores.length,
    tokens: scores.length,
    prediction: null,
    isCorrect: scores.every(({ bestToken }, index) => bestToken === targets[index]),
  }
}

/** Mean log-probability of an option's tokens, by which options of different lengths compare. */
export function meanLogProbability(scores: readonly TokenScore[]): number {
  return scores.reduce((total, { logProbability }) => total + logProbability, 0) / scores.length
}
