import type { Objective } from '../data/example.js'
import { logSumExp } from './label-head.js'
import { preferenceLoss } from './preference.js'
import type { TokenScore } from './vocabulary-head.js'

/** What a model says about one example. */
export interface ExampleScore {
  /**
   * Nats: of the right label among the labels, the mean over the scored tokens, or the DPO loss of a pair. Of tensors, the mean
   * squared error.
   */
  readonly loss: number
  /** How many tokens the loss is a mean of; 1 for labels, pairs and tensors. */
  readonly tokens: number
  /** Index of the most likely label; null where there are none. */
  readonly prediction: number | null
  /**
   * Labels: the right one is the most likely. Sequences: every scored token is. Pairs: the chosen answer is the likelier
   * compared with the base; a tie, which all pairs are at the base itself, is not.
   */
  readonly isCorrect: boolean
  /** Pairs: nats by which the chosen answer is likelier than the rejected, compared with the base; null for others. */
  readonly margin: number | null
}

/** Nats that rounding alone may put between two runs of a model, which batch rows differently. */
const tieMargin = 1e-3

/** Softmax cross entropy over the labels' scores (logits, or mean log-probabilities). */
export function labelScore(scores: ArrayLike<number>, label: number): ExampleScore {
  let prediction = 0
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[prediction]) prediction = i
  const loss = logSumExp(scores) - scores[label]
  return { loss, tokens: 1, prediction, isCorrect: prediction === label, margin: null }
}

/** DPO loss of a pair: see `preferenceLoss`. */
export function pairScore(margin: number, objective: Objective): ExampleScore {
  const loss = preferenceLoss(margin, objective)
  return { loss, tokens: 1, prediction: null, isCorrect: margin > tieMargin, margin }
}

/** Mean negative log-likelihood of a sequence's scored tokens. */
export function sequenceScore(scores: readonly TokenScore[], targets: readonly number[]): ExampleScore {
  const sum = scores.reduce((total, { logProbability }) => total + logProbability, 0)
  return {
    loss: -sum / scores.length,
    tokens: scores.length,
    prediction: null,
    isCorrect: scores.every(({ bestToken }, index) => bestToken === targets[index]),
    margin: null,
  }
}

/** Of tensors, which are neither right nor wrong. */
export function squaredErrorScore(loss: number): ExampleScore {
  return { loss, tokens: 1, prediction: null, isCorrect: false, margin: null }
}

/** Mean log-probability of an option's tokens, by which options of different lengths compare. */
export function meanLogProbability(scores: readonly TokenScore[]): number {
  return scores.reduce((total, { logProbability }) => total + logProbability, 0) / scores.length
}
