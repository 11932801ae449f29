import {
  addSteps,
  CurveSmoother,
  readMetrics,
  sampleJournal,
  stepsTaken,
  ThinnedCurve,
  type CurvePoint,
  type MetricsLine,
  type RunFolder,
  type TrainJob,
} from '../../core/index.js'
import { mostSampledSteps } from './saved-curve.js'
import { mostHistoryPoints, type EvaluationPoint, type RunHistory } from '../ipc/runs.js'
import { evaluationPoint, evaluationPoints } from './evaluation-points.js'

/** The curves of a run that goes, from its first session on; they never grow beyond what a page draws. */
export class LiveCurves {
  readonly #curve = new ThinnedCurve(mostHistoryPoints)
  readonly #smoother: CurveSmoother
  #metrics: MetricsLine[]
  #step: number

  /** Reads what the run did so far. @throws EngineError 'run-invalid' */
  constructor(folder: RunFolder, { recipe, steps }: TrainJob) {
    this.#smoother = new CurveSmoother(steps)
    addSteps(this.#curve, this.#smoother, sampleJournal(folder, mostSampledSteps), recipe)
    this.#metrics = readMetrics(folder)
    this.#step = stepsTaken(folder)
  }

  /** Steps taken. */
  get step(): number {
    return this.#step
  }

  addStep(step: number, loss: number, slope: number): CurvePoint {
    const point = this.#smoother.add(step, loss, slope)
    this.#curve.add(point)
    this.#step = step
    return point
  }

  addEvaluation(line: MetricsLine): EvaluationPoint {
    const isBest = this.#metrics.every(({ loss }) => line.loss < loss)
    this.#metrics.push(line)
    return evaluationPoint(line, isBest)
  }

  history(): RunHistory {
    return { steps: this.#curve.points(), evaluations: evaluationPoints(this.#metrics) }
  }
}
