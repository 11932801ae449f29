import type { RunHistory, RunSummary, StepPoint } from '../../../electron/ipc/runs.js'

/** What can honestly be said about a run so far, with the figures that say it. */
export type Verdict =
  | { readonly code: 'waiting' | 'flat' }
  | { readonly code: 'learning'; readonly fall: number; readonly dev: { first: number; best: number } | null }
  /** Shares of held-out rows that were right. */
  | { readonly code: 'right-more-often'; readonly first: number; readonly best: number }
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
 * first, in standard errors of their difference; or by the accuracies on held-out rows, where the intervals of the first and of the
 * best are apart, which says more and may come sooner. Once it has ended, by the paired interval on the held-out rows.
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

function judgeSoFar(history: RunHistory): Verdict {
  const byLoss = judgeByLoss(history)
  if (byLoss.code === 'learning' || byLoss.code === 'memorizing') return byLoss
  return judgeByRows(history) ?? byLoss
}

/** By the held-out rows that are right; null where that says nothing. */
function judgeByRows({ evaluations }: RunHistory): Verdict | null {
  const first = evaluations[0]
  const best = evaluations.findLast(({ isBest }) => isBest)
  if (first?.accuracy == null || first.accuracyHigh === null) return null
  if (best?.accuracy == null || best.accuracyLow === null) return null
  const isApart = best.accuracyLow > first.accuracyHigh
  return isApart ? { code: 'right-more-often', first: first.accuracy, best: best.accuracy } : null
}

function judgeByLoss({ steps, evaluations }: RunHistory): Verdict {
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
