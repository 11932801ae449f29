import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import type { Task } from '../schema/task.js'
import type { DataRequest } from '../training/open-data.js'
import { readJob, runFolder } from '../training/run-folder.js'
import { selectionOf, type Protocol } from './protocol.js'
import { selectionFromOptions, type RowOptions } from './row-options.js'
import { taskFromOptions, type TaskOptions } from './task-options.js'

/** Flags of `train` that an earlier run can stand in for. */
export interface DataOptions extends TaskOptions, RowOptions {
  readonly from?: string
  readonly data?: string
  readonly dev?: string
  readonly rows?: number
  readonly skipBadRows?: boolean
  readonly seed: number
  readonly keepBase?: string
  readonly protocol?: Protocol
}

/** The job of the run that `--from` names; null without it. Throws as `readJob`. */
export function earlierJob({ from }: DataOptions): TrainJob | null {
  return from === undefined ? null : readJob(runFolder(from))
}

/** The task that the flags or else the earlier run name; null where neither does. Throws as `taskFromOptions`. */
export function namedTask(options: DataOptions, earlier: TrainJob | null): Task | null {
  return taskFromOptions(options) ?? earlier?.task ?? null
}

/** The file of the rows. @throws EngineError 'request-invalid' where neither the flags nor an earlier run name one */
export function dataPath({ data }: DataOptions, earlier: TrainJob | null): string {
  const path = data ?? earlier?.data.path
  if (path !== undefined) return path
  throw new EngineError('request-invalid', { issues: ['data'] }, 'name the rows to train on: --data FILE')
}

/**
 * Which rows to train on: as the flags say, and where they do not, as the earlier run did.
 *
 * @param task what to learn of them
 */
export function dataRequest(options: DataOptions, earlier: TrainJob | null, task: Task): DataRequest {
  return { ...rowsOf(options, earlier, task), keepPath: options.keepBase ?? null }
}

function rowsOf(options: DataOptions, earlier: TrainJob | null, task: Task): DataRequest {
  const { seed, dev, rows, skipBadRows = false } = options
  if (options.data !== undefined || earlier === null) {
    const selection = selectionOf(options.protocol, selectionFromOptions(options), options.task)
    const maximumTokens = options.maxTokens ?? null
    const limit = rows ?? null
    return {
      path: dataPath(options, earlier),
      devPath: dev ?? null,
      task,
      seed,
      limit,
      skipBadRows,
      maximumTokens,
      selection,
    }
  }
  const { data } = earlier
  // The rows that were set aside stay aside.
  const devLines = data.dev === null && dev === undefined ? { devLines: data.devLines } : {}
  return {
    path: data.path,
    devPath: dev ?? data.dev?.path ?? null,
    task,
    seed,
    limit: rows ?? data.limit,
    skipBadRows: skipBadRows || data.skipBadRows,
    maximumTokens: options.maxTokens ?? data.maximumTokens,
    selection: data.selection,
    ...devLines,
  }
}
