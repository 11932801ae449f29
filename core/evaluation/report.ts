import type { Objective } from '../data/example.js'
import { shareInterval } from './confidence.js'
import type { Evaluation } from './evaluate.js'

/** What an evaluation says, by what was asked. */
export type EvaluationReport =
  | {
      readonly kind: 'labels'
      /** Rows. */
      readonly n: number
      /** Mean cross entropy over the labels, nats a row. */
      readonly loss: number
      readonly accuracy: number
      /** Wilson interval of the accuracy. */
      readonly ci95: readonly [low: number, high: number]
    }
  | {
      readonly kind: 'answer'
      readonly n: number
      /** Scored tokens: those of the answers. */
      readonly tokens: number
      /** Nats a scored token. */
      readonly loss: number
      readonly perplexity: number
      /** Share of rows whose every scored token is the most likely. */
      readonly accuracy: number
      readonly ci95: readonly [low: number, high: number]
    }
  | {
      readonly kind: 'preference'
      /** Pairs. */
      readonly n: number
      /** Nats a pair: log 2 where the model is what it is compared with. */
      readonly loss: number
      /** Mean nats by which the chosen answer is likelier than the rejected, compared with the base. */
      readonly margin: number
      /** Share of pairs whose chosen answer is the likelier, compared with the base. */
      readonly accuracy: number
      readonly ci95: readonly [low: number, high: number]
    }
  | {
      readonly kind: 'text'
      /** Windows of text. */
      readonly n: number
      readonly tokens: number
      readonly loss: number
      readonly perplexity: number
    }
  | {
      readonly kind: 'tensors'
      /** Rows. */
      readonly n: number
      /** Mean over the rows of their mean squared errors. */
      readonly loss: number
    }

/** Sums up an evaluation; perplexity = exp(loss). */
export function reportOf({ kind }: Objective, { figures, scores }: Evaluation): EvaluationReport {
  const { loss } = figures
  const n = scores.length
  const correct = scores.filter(({ isCorrect }) => isCorrect).length
  if (kind === 'tensors') return { kind, n, loss }
  const { low, high } = shareInterval(correct, n)
  const share = { accuracy: correct / n, ci95: [low, high] as const }
  if (kind === 'labels') return { kind, n, loss, ...share }
  if (kind === 'preference') {
    return { kind, n, loss, margin: scores.reduce((sum, { margin }) => sum + (margin ?? 0), 0) / n, ...share }
  }
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0)
  const sequence = { n, tokens, loss, perplexity: Math.exp(loss) }
  return kind === 'text' ? { kind, ...sequence } : { kind, ...sequence, ...share }
}
