import type { ExampleScorer } from '../engine/example-scorer.js'
import type { AnyOpenModel } from '../engine/open-graph-model.js'
import type { Device } from '../runtime/device.js'
import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import type { RunData } from './open-data.js'
import type { RunFolder } from './run-folder.js'
import type { RunHistory } from './run-history.js'
import type { Stepper } from './stepper.js'

/** What a host brings to a run. */
export interface RunContext<Model extends AnyOpenModel = AnyOpenModel> {
  readonly folder: RunFolder
  readonly job: TrainJob
  readonly model: Model
  readonly data: RunData
  readonly device: Device
  readonly now: () => number
}

/** A run's context, and what was done of it so far. */
export interface EngineContext<Model extends AnyOpenModel> extends RunContext<Model> {
  readonly history: RunHistory
  /** Closes a part with the run, the last first. */
  readonly closedAtEnd: <T extends { close: () => void | Promise<void> }>(part: T) => T
}

/** What measures a run's rows and takes its steps. */
export interface RunEngine {
  readonly scorer: ExampleScorer
  readonly stepper: Stepper
  /** What has to be computed once before the first step; null for nothing. */
  readonly prepare: (() => AsyncGenerator<TrainEvent>) | null
  /** What has to be computed before the step after so many others, and before the evaluation there; null for nothing. */
  readonly beforeStep: ((step: number) => AsyncGenerator<TrainEvent>) | null
}
