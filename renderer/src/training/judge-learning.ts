import type { RunHistory, RunSummary, StepPoint } from '../../../electron/ipc/runs.js'

/** What can honestly be said about a run so far, with the figures that say it. */
export type Verdict =
  | { readonly code: 'waiting' | 'flat' }
  | { readonly code: 'learning'; readonly fall: number; readonly dev: { first: number; best: number } | null }
  | { readonly code: 'rising'; readonly rise: number }
  | { readonly code: 'memorizing'; readonly bestStep: number }
  | {
      readonly code: 'improved' | 'worse'
      readonly mean: number
      readonly low: number
      readonly high: number
      readonly rows: number
      readonly bestStep: number
    }
  | { readonly code: 'unmeasurable'; readonly mean: number | null; readonly rows: number }

/** Fewer points than this say nothing about a trend. */
const fewestPoints = 16
/** Standard errors that a change must pass before it is called one. */
const certainty = 3
/** Evaluations since the best one after which a run is said to learn by heart. */
const staleEvaluations = 3

/**
 * Whether a run is learning. While it goes, by the training loss: the mean of the last third of the steps against that of the
 * first, in standard errors of their difference. Once it has ended, by the paired interval on the held-out rows.
 */
export function judgeLearning(
  summary: Pick<RunSummary, 'lossChange' | 'isMeasurable' | 'best' | 'before' | 'bestStep' | 'endReason'>,
  history: RunHistory,
): Verdict {
  return judgeEnd(summary) ?? judgeSoFar(history)
}

function judgeEnd(summary: Parameters<typeof judgeLearning>[0]): Verdict | null {
  const { lossChange, isMeasurable, best, before, bestStep, endReason } = summary
  if (endReason === null || isMeasurable === null || lossChange === null) return null
  const rows = (best ?? before)?.examples ?? 0
  const { mean, low, high } = lossChange
  if (low === null || high === null) return { code: 'unmeasurable', mean: null, rows }
  if (!isMeasurable) return { code: 'unmeasurable', mean, rows }
  return { code: mean < 0 ? 'improved' : 'worse', mean, low, high, rows, bestStep: bestStep ?? 0 }
}

function judgeSoFar({ steps, evaluations }: RunHistory): Verdict {
  if (steps.length < fewestPoints) return { code: 'waiting' }
  const third = Math.floor(steps.length / 3)
  const early = meanAndError(steps.slice(0, third))
  const late = meanAndError(steps.slice(-third))
  const change = late.mean - early.mean
  const error = Math.hypot(early.error, late.error)
  if (change > certainty * error) return { code: 'rising', rise: change }
  if (change > -certainty * error) return { code: 'flat' }

  const best = evaluations.findLastIndex(({ isBest }) => isBest)
  const bestPoint = evaluations[best]
  const first = evaluations[0]
  if (bestPoint !== undefined && evaluations.length - 1 - best >= staleEvaluations) {
    return { code: 'memorizing', bestStep: bestPoint.step }
  }
  const isBetter = first !== undefined && bestPoint !== undefined && bestPoint.loss < first.loss
  return {
    code: 'learning',
    fall: -change,
    dev: isBetter ? { first: first.loss, best: bestPoint.loss } : null,
  }
}

/** Mean of the losses and its standard error. */
function meanAndError(points: readonly StepPoint[]): { mean: number; error: number } {
  const mean = points.reduce((sum, { loss }) => sum + loss, 0) / points.length
  const squares = points.reduce((sum, { loss }) => sum + (loss - mean) ** 2, 0)
  return { mean, error: Math.sqrt(squares / (points.length - 1) / points.length) }
}
