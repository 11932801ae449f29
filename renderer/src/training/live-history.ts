import type { EvaluationPoint, RunHistory, StepPoint } from '../../../electron/ipc/runs.js'

/** Most points that a page keeps of a run it watches; a chart has about as many pixels. */
export const mostPoints = 500

/** What arrived since the history was fetched. */
export interface HistoryNews {
  readonly steps: readonly StepPoint[]
  readonly evaluations: readonly EvaluationPoint[]
}

/**
 * A history with what came after it. Points that it has already are left out, and where it grows beyond `mostPoints` every
 * second one of the older points goes: an hour or a month, the page holds the same.
 */
export function appendHistory(history: RunHistory, news: HistoryNews): RunHistory {
  return {
    steps: append(history.steps, news.steps),
    evaluations: markOneBest(append(history.evaluations, news.evaluations)),
  }
}

function append<Point extends { readonly step: number; readonly isBest?: boolean }>(
  known: readonly Point[],
  news: readonly Point[],
): Point[] {
  const last = known.at(-1)?.step ?? -1
  let points = [...known, ...news.filter(({ step }) => step > last)]
  while (points.length > mostPoints) {
    const end = points.length - 1
    const best = points.findLastIndex(({ isBest }) => isBest === true)
    points = points.filter((_, index) => index % 2 === 0 || index === end || index === best)
  }
  return points
}

/** `isBest` says that an evaluation was the best when it came; later ones may have passed it. */
function markOneBest(points: readonly EvaluationPoint[]): EvaluationPoint[] {
  const best = points.filter(({ isBest }) => isBest).at(-1)
  return points.map((point) => (point.isBest && point !== best ? { ...point, isBest: false } : point))
}

/**
 * Where the step axis of a run ends: at an eighth, a quarter or half of its steps while it is young, so that its first curves
 * are not a line at the edge, and at all of them later.
 */
export function axisEnd(step: number, steps: number): number {
  const share = [8, 4, 2].find((part) => step <= (0.9 * steps) / part) ?? 1
  return Math.max(1, Math.ceil(steps / share))
}
