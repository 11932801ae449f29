import { probeSlope } from '../optimizer/probe-differences.js'
import type { Recipe } from '../schema/recipe.js'
import { isProbeLine, lossOf, type JournalLine } from './run-records.js'

/** A step as a curve shows it. */
export interface CurvePoint {
  /** Steps taken, this one included. */
  readonly step: number
  /** Mean loss of the batch, nats. */
  readonly loss: number
  readonly smoothedLoss: number
  /** Standard deviation of the losses around the smoothed one. */
  readonly noise: number
  /** Size of the (projected) gradient. */
  readonly slope: number
}

/** Steps that a smoothed loss is a mean of, about: a twentieth of the run, within these. */
const [shortestWindow, longestWindow] = [4, 20]

/**
 * Smooths a run's losses, however many sessions it had: exponential running means of the loss and of its squared distance,
 * over the steps so far as long as they are few. A step that stands for the ones that were left out before it weighs as much
 * as all of them.
 */
export class CurveSmoother {
  readonly #smoothing: number
  /** Of the losses so far, each with its weight, and of their squared distances. */
  #sum = 0
  #squares = 0
  #weight = 0
  #step = 0

  /** @param steps of the whole run */
  constructor(steps: number) {
    this.#smoothing = 1 - 1 / Math.min(longestWindow, Math.max(shortestWindow, steps / 20))
  }

  /** The next step of the run, or a later one. */
  add(step: number, loss: number, slope: number): CurvePoint {
    const kept = this.#smoothing ** (step - this.#step)
    const before = this.#weight === 0 ? loss : this.#sum / this.#weight
    this.#weight = kept * this.#weight + (1 - kept)
    this.#sum = kept * this.#sum + (1 - kept) * loss
    const mean = this.#sum / this.#weight
    // Each distance from the means before and after it (Welford), so that a fall does not count as noise twice.
    this.#squares = kept * this.#squares + (1 - kept) * (loss - before) * (loss - mean)
    this.#step = step
    const noise = Math.sqrt(this.#squares / this.#weight)
    return { step, loss, smoothedLoss: mean, noise, slope }
  }
}

/** A curve that never grows beyond a number of points: once it would, every second one is dropped. */
export class ThinnedCurve {
  readonly #mostPoints: number
  #points: CurvePoint[] = []
  #last: CurvePoint | null = null
  #stride = 1

  /** @param mostPoints at least 2 */
  constructor(mostPoints: number) {
    this.#mostPoints = mostPoints
  }

  add(point: CurvePoint): void {
    this.#last = point
    if (point.step % this.#stride !== 0) return
    this.#points.push(point)
    if (this.#points.length < this.#mostPoints) return
    this.#stride *= 2
    this.#points = this.#points.filter(({ step }) => step % this.#stride === 0)
  }

  /** Evenly spread, the last step always among them. */
  points(): CurvePoint[] {
    const last = this.#last
    const hasLast = last === null || this.#points.at(-1)?.step === last.step
    return hasLast ? [...this.#points] : [...this.#points, last]
  }
}

/** The size of a step's slope, as the run reported it. */
export function slopeOf(line: JournalLine, recipe: Recipe): number {
  if (!isProbeLine(line)) return line.gradientNorm
  if (recipe.estimator !== 'probes') return 0
  return probeSlope({ lossPlus: line.plus, lossMinus: line.minus }, recipe.perturbationScale)
}

/** Adds the steps of a journal to a curve. */
export function addSteps(
  curve: ThinnedCurve,
  smoother: CurveSmoother,
  lines: readonly JournalLine[],
  recipe: Recipe,
): void {
  for (const line of lines) curve.add(smoother.add(line.step + 1, lossOf(line), slopeOf(line, recipe)))
}
