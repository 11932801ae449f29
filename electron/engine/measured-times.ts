import { runMs, type DryRun, type TrainJob } from '../../core/index.js'
import type { TimeEstimate } from '../ipc/plan.js'

/** What was measured of jobs in this process, so that a plan can say how long it will take. */
export class MeasuredTimes {
  readonly #measured = new Map<string, DryRun>()

  /** Notes what a dry run of a job took. */
  keep(job: TrainJob, measured: DryRun): void {
    this.#measured.set(keyOf(job), measured)
  }

  /** The time of a job whose steps are like those that were measured; null where none were. */
  estimate(job: TrainJob): TimeEstimate | null {
    const measured = this.#measured.get(keyOf(job))
    if (measured === undefined) return null
    return { stepMs: measured.stepMs, totalMs: runMs(job, measured), isMeasured: true }
  }
}

/** What the time of a step depends on: of the job all but how far and how often it steps. */
function keyOf({ model, data, task, recipe, batchSize, tokensPerRun, features, ...job }: TrainJob): string {
  const { update, ...moved } = recipe
  const { keptStates, keepBase, precision, streamedLayers, score } = job
  const rest = [model.sha256, data, task, batchSize, tokensPerRun, features]
  return JSON.stringify([...rest, moved, update.kind, keptStates, keepBase, precision, streamedLayers, score])
}
