import {
  openState,
  readJob,
  reopenRunData,
  requireSameModel,
  runFolder,
  type RunData,
  type TrainedRun,
} from '../../core/index.js'
import type { ModelCache } from './model-cache.js'
import type { RunFolders } from './run-records.js'

/** Opens what runs on disk were made of, for looking at them. */
export class OpenedRuns {
  readonly #folders: RunFolders
  readonly #models: ModelCache
  #data: { readonly runId: string; readonly data: RunData } | null = null

  constructor(folders: RunFolders, models: ModelCache) {
    this.#folders = folders
    this.#models = models
  }

  /**
   * A run at its best state, or after `step` steps.
   *
   * @throws EngineError 'unknown-item', 'model-mismatch', and those of `openState` and `openModel`
   */
  open(runId: string, step: number | null): TrainedRun {
    const folder = runFolder(this.#folders.find(runId))
    const job = readJob(folder)
    const model = this.#models.open(job.model.path, new Date(job.date))
    requireSameModel(job.model.sha256, model)
    return { folder, job, model, ...openState(folder, job, model.model, step) }
  }

  /** The rows of a run, those of the last one kept. @throws EngineError 'run-invalid' where a file has changed */
  data(runId: string, { job, model }: TrainedRun): RunData {
    if (this.#data?.runId !== runId) this.#data = { runId, data: reopenRunData(job, model) }
    return this.#data.data
  }
}
