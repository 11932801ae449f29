import { shareInterval, type MetricsLine } from '../../core/index.js'
import { mostHistoryPoints, type EvaluationPoint } from '../ipc/runs.js'

/**
 * Evaluations with the intervals of their accuracies; the best is the one with the lowest loss. Of very many some are left
 * out, evenly, but never the first, the best or the last.
 */
export function evaluationPoints(lines: readonly MetricsLine[]): EvaluationPoint[] {
  const best = bestEvaluation(lines)
  const stride = Math.ceil(lines.length / (mostHistoryPoints - 2))
  return lines
    .filter((line, index) => index % stride === 0 || line === best || index === lines.length - 1)
    .map((line) => evaluationPoint(line, line === best))
}

/** An evaluation with the 95 % interval of its accuracy (Wilson). */
export function evaluationPoint(line: MetricsLine, isBest: boolean): EvaluationPoint {
  const { step, loss, accuracy, examples } = line
  const interval = accuracy === null ? null : shareInterval(Math.round(accuracy * examples), examples)
  return {
    step,
    loss,
    accuracy,
    examples,
    accuracyLow: interval?.low ?? null,
    accuracyHigh: interval?.high ?? null,
    isBest,
  }
}

/** The first evaluation with the lowest loss; null where there is none. */
export function bestEvaluation(lines: readonly MetricsLine[]): MetricsLine | null {
  const [first, ...rest] = lines
  if (first === undefined) return null
  return rest.reduce((best, line) => (line.loss < best.loss ? line : best), first)
}
