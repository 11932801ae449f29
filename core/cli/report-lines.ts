import type { EvaluationReport } from '../evaluation/report.js'
import { formatCount, formatShare } from './format.js'

/** A report as lines for people. */
export function reportLines(report: EvaluationReport): string[] {
  const count = formatCount(report.n)
  const loss = `loss ${report.loss.toFixed(4)}`
  switch (report.kind) {
    case 'labels':
      return [`${count} rows, ${loss}, accuracy ${share(report)}`]
    case 'answer':
      return [
        `${count} rows, ${formatCount(report.tokens)} answer tokens, ${loss}, perplexity ${report.perplexity.toFixed(3)}`,
        `whole answer right: ${share(report)}`,
      ]
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
