import {
  openState,
  readJob,
  requireSameModel,
  runFolder,
  type RunData,
  type TrainedRun,
} from '../../core/index.js'
import type { ModelCache } from './model-cache.js'
import { reopenRows } from './reopen-rows.js'
import type { RunFolders } from './run-records.js'
import { quietTask, type Task } from './tasks.js'

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
   * @throws EngineError 'unknown-item', 'model-mismatch', 'cancelled', and those of `openState` and `openModel`
   */
  async open(runId: string, step: number | null, task: Waiting = quietTask): Promise<TrainedRun> {
    const folder = runFolder(this.#folders.find(runId))
    const job = readJob(folder)
    const model = await this.#models.open(job.model.path, new Date(job.date), task)
    requireSameModel(job.model.sha256, model)
    return { folder, job, model, ...openState(folder, job, model.model, step) }
  }

  /** The rows of a run, those of the last one kept. @throws EngineError 'run-invalid' where a file has changed */
  async data(runId: string, { job, model, folder }: TrainedRun, task: Waiting = quietTask): Promise<RunData> {
    if (this.#data?.runId === runId) return this.#data.data
    const data = await reopenRows(job, model, folder, task)
    this.#data = { runId, data }
    return data
  }
}

type Waiting = Pick<Task, 'progress' | 'breathe'>
