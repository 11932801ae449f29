import type { EvaluationReport } from '../evaluation/report.js'
import { formatCount, formatLoss, formatShare } from './format.js'

/**
 * A report as lines for people.
 *
 * @param subject a run's pairs are compared with its base, a model's with nothing
 */
export function reportLines(report: EvaluationReport, subject: 'model' | 'run' = 'run'): string[] {
  const count = formatCount(report.n)
  const loss = `loss ${formatLoss(report.loss)}`
  switch (report.kind) {
    case 'labels':
      return [`${count} rows, ${loss}, accuracy ${share(report)}`]
    case 'answer':
      return [
        `${count} rows, ${formatCount(report.tokens)} answer tokens, ${loss}, perplexity ${report.perplexity.toFixed(3)}`,
        `exact match, the whole answer: ${share(report)}`,
      ]
    case 'preference':
      return [
        `${count} pairs, ${loss}, margin ${report.margin.toFixed(3)} nats${subject === 'run' ? ' over the base' : ''}`,
        `prefers the chosen answer${subject === 'run' ? ' more than the base' : ''}: ${share(report)}`,
      ]
    case 'tensors':
      return [`${count} rows, mean squared error ${formatLoss(report.loss)}`]
    case 'text':
      return [
        `${count} windows, ${formatCount(report.tokens)} tokens, ${loss}, perplexity ${report.perplexity.toFixed(3)}`,
      ]
  }
}

function share({
  accuracy,
  ci95: [low, high],
}: {
  readonly accuracy: number
  readonly ci95: readonly [number, number]
}): string {
  return `${formatShare(accuracy)} (95 % interval ${formatShare(low)} to ${formatShare(high)})`
}
