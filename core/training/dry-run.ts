import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { evaluationBatches, trainingBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import type { LoadedDataset } from '../data/load-dataset.js'
import { lengthOf } from '../data/stored-example.js'
import type { OpenModel } from '../engine/open-model.js'
import { longestRow } from '../engine/scored-row.js'
import { examplesPerBatch } from '../evaluation/evaluate.js'
import { forgetPeakMemory } from '../memory/measure.js'
import type { Device } from '../runtime/device.js'
import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import { costOf, meanStepShare } from './cost.js'
import type { RunData } from './open-data.js'
import { runJob } from './open-run.js'
import { runFolder } from './run-folder.js'
import { stepTimes } from './step-times.js'

/** What a few steps took. */
export interface DryRun {
  /** Of a step, on average over all batches of the rows. */
  readonly stepMs: number
  /** Of a step on the longest batch, measured: the second one, since the first also builds what all share. */
  readonly longestStepMs: number
  /** Of all dev rows, from the longest of them. */
  readonly evaluationMs: number
  /** Of the hidden states that are computed once, before the first step. */
  readonly featuresMs: number
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

/** Steps on each batch that is measured. */
const stepsPerBatch = 2
/** Dev rows that are evaluated. */
const mostDevRows = 64

/**
 * Takes two steps on the longest batch, and where there are rows enough two on the shortest, and throws them away: what a run
 * will need and how long it will take, measured. A step is taken to cost a + b · tokens, which two lengths decide.
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
  const batches = evaluationBatches(data.train.dataset.examples, job.batchSize)
  const train = { ...data.train, dataset: { ...data.train.dataset, examples: measuredRows(batches) } }
  const dev = longestRows(data.dev, mostDevRows)
  const measured = trainingBatches(train.dataset.examples, job.batchSize, job.seed)
  const steps = stepsPerBatch * measured.batchesPerEpoch
  const short: TrainJob = { ...job, steps, evaluateEvery: steps, patience: null }
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
  const taken = clock.stepTimes.map((ms, step) => ({ tokens: paddedTokens(measured.at(step)), ms }))
  const times = stepTimes(taken)
  const stepMs = times.at(mean(batches.map(paddedTokens)))
  const rows = data.train.dataset.examples.length + data.dev.dataset.examples.length
  const dryRows = train.dataset.examples.length + dev.dataset.examples.length
  const evaluationMs = (clock.evaluationMs * devTokens(data.dev)) / Math.max(1, devTokens(dev))
  const featuresMs = (clock.featuresMs * rows) / dryRows
  const cost = costOf(job, model.model.description.layerCount, data.train.dataset.examples)
  const share = meanStepShare(cost, job.steps)
  return {
    stepMs,
    longestStepMs: times.longestMs,
    evaluationMs,
    featuresMs,
    totalMs: runMs(job, { stepMs: share * stepMs, evaluationMs, featuresMs }),
    peakBytes: clock.peakBytes,
    longestTokens: longestRow(train.dataset),
  }
}

/** How long a whole run of this job takes, from what its parts take. */
export function runMs(
  { steps, evaluateEvery }: Pick<TrainJob, 'steps' | 'evaluateEvery'>,
  parts: Pick<DryRun, 'stepMs' | 'evaluationMs' | 'featuresMs'>,
): number {
  const evaluations = Math.ceil(steps / evaluateEvery) + 1
  return parts.featuresMs + parts.stepMs * steps + parts.evaluationMs * evaluations
}

/** The longest batch and, where there are two whole ones, the shortest. @param batches in order of length */
function measuredRows(batches: readonly (readonly Example[])[]): readonly Example[] {
  const [longest, shortest] = [batches.at(-1) ?? [], batches[0]]
  const size = Math.max(...batches.map(({ length }) => length))
  const all = batches.flat()
  return batches.length > 1 ? [...shortest, ...all.slice(-size)] : longest
}

/** Tokens of a batch with its padding. */
function paddedTokens(batch: readonly Example[]): number {
  return batch.length * batch.reduce((longest, example) => Math.max(longest, lengthOf(example)), 0)
}

function devTokens({ dataset }: LoadedDataset): number {
  return evaluationBatches(dataset.examples, examplesPerBatch).reduce(
    (sum, batch) => sum + paddedTokens(batch),
    0,
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** Tells the times of a short run's parts from its events. */
class DryClock {
  readonly stepTimes: number[] = []
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
    this.stepTimes.push(total - this.#stepsMs)
    this.#stepsMs = total
  }

  /** The second evaluation counts: the first also opens what all share. */
  #evaluated({ step }: { readonly step: number }, ms: number): void {
    if (step > 0) this.evaluationMs += ms
  }
}

function longestRows(loaded: LoadedDataset, count: number): LoadedDataset {
  const { examples, objective } = loaded.dataset
  const longest = examples.toSorted((left, right) => lengthOf(right) - lengthOf(left)).slice(0, count)
  return { ...loaded, dataset: { objective, examples: longest } }
}
