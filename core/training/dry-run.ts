import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedDataset } from '../data/load-dataset.js'
import type { OpenModel } from '../engine/open-model.js'
import { longestRow } from '../engine/scored-row.js'
import { forgetPeakMemory } from '../memory/measure.js'
import type { Device } from '../runtime/device.js'
import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import type { RunData } from './open-data.js'
import { runJob } from './open-run.js'
import { runFolder } from './run-folder.js'

/** What two steps on the longest batch took. */
export interface DryRun {
  /** Time of the second step: the first also builds what all share. */
  readonly stepMs: number
  /** Of all dev rows, from the longest of them. */
  readonly evaluationMs: number
  /** Of a whole run: features, steps, evaluations. */
  readonly totalMs: number
  readonly peakBytes: number
  readonly longestTokens: number
}

/** What a dry run is made of. */
export interface DryRunContext {
  readonly job: TrainJob
  readonly model: OpenModel
  readonly data: RunData
  readonly device: Device
  readonly now: () => number
  /** Where a folder can be made for the time of the measurement. */
  readonly folder: string
}

const drySteps = 2
/** Dev rows that are evaluated. */
const mostDevRows = 64

/**
 * Takes two steps on the longest batch and throws them away: what a run will need and how long it will take, measured.
 *
 * @returns yields the run's own events
 * @throws EngineError of `runJob`
 */
export async function* dryRun(
  context: DryRunContext,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent, DryRun> {
  const { job, model, data, device, now } = context
  const path = mkdtempSync(join(context.folder, 'dry-run-'))
  const folder = runFolder(path)
  const train = longestRows(data.train, job.batchSize)
  const dev = longestRows(data.dev, mostDevRows)
  const short: TrainJob = { ...job, steps: drySteps, evaluateEvery: drySteps, patience: null }
  const clock = new DryClock(now)
  try {
    forgetPeakMemory()
    const run = { folder, job: short, model, data: { ...data, train, dev }, device, now }
    for await (const event of runJob(run, signal)) {
      clock.note(event)
      yield event
    }
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
  const rows = data.train.dataset.examples.length + data.dev.dataset.examples.length
  const dryRows = train.dataset.examples.length + dev.dataset.examples.length
  const evaluationMs =
    (clock.evaluationMs * data.dev.dataset.examples.length) / Math.max(1, dev.dataset.examples.length)
  const evaluations = Math.ceil(job.steps / job.evaluateEvery) + 1
  return {
    stepMs: clock.stepMs,
    evaluationMs,
    totalMs: (clock.featuresMs * rows) / dryRows + clock.stepMs * job.steps + evaluationMs * evaluations,
    peakBytes: clock.peakBytes,
    longestTokens: longestRow(train.dataset),
  }
}

/** Tells the times of a short run's parts from its events. */
class DryClock {
  stepMs = 0
  evaluationMs = 0
  featuresMs = 0
  peakBytes = 0
  readonly #now: () => number
  #last: number
  #stepsMs = 0

  constructor(now: () => number) {
    this.#now = now
    this.#last = now()
  }

  note(event: TrainEvent): void {
    const at = this.#now()
    const sinceLast = at - this.#last
    this.#last = at
    if (event.type === 'features' || event.type === 'base') this.featuresMs += sinceLast
    if (event.type === 'evaluating' || event.type === 'evaluation') this.#evaluated(event, sinceLast)
    if (event.type !== 'step') return
    this.peakBytes = Math.max(this.peakBytes, event.peakBytes)
    const total = event.stepMs * event.step
    this.stepMs = total - this.#stepsMs
    this.#stepsMs = total
  }

  /** The second evaluation counts: the first also opens what all share. */
  #evaluated({ step }: { readonly step: number }, ms: number): void {
    if (step > 0) this.evaluationMs += ms
  }
}

function longestRows(loaded: LoadedDataset, count: number): LoadedDataset {
  const { examples, objective } = loaded.dataset
  const longest = examples.toSorted((left, right) => right.tokens.length - left.tokens.length).slice(0, count)
  return { ...loaded, dataset: { objective, examples: longest } }
}
