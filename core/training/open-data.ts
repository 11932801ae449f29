import { basename } from 'node:path'
import { findDuplicates, refuseUnseenLabels } from '../data/compare-datasets.js'
import { hashData } from '../data/hash-data.js'
import { loadingDataset, type DatasetRequest, type LoadedDataset } from '../data/load-dataset.js'
import { labelNotices } from '../data/label-words.js'
import { chooseDevLines, splitByLines } from '../data/split.js'
import type { OpenModel } from '../engine/open-model.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import type { Task } from '../schema/task.js'
import { openKeptText, type KeptText } from './kept-text.js'

/** Which files to train and evaluate on, and how to read them. */
export interface DataRequest {
  readonly path: string
  readonly devPath: string | null
  readonly task: Task
  readonly seed: number
  readonly limit: number | null
  readonly skipBadRows: boolean
  /** Rows of more tokens cannot be used; the model's context where it is left out or null. */
  readonly maximumTokens?: number | null
  /** Lines of the dev rows, where an earlier session of the run chose them. */
  readonly devLines?: readonly number[]
  /** Text on which the model should stay as its base is. */
  readonly keepPath?: string | null
}

/** The rows of a run. */
export interface RunData {
  readonly train: LoadedDataset
  readonly dev: LoadedDataset
  /** The task with everything filled in from the training file. */
  readonly task: Task
  readonly job: TrainJob['data']
  /** Text on which the model should stay as its base is; null for none. */
  readonly kept: KeptText | null
  readonly notices: readonly string[]
}

/**
 * Reads the rows to train and to evaluate on; without a dev file, some rows are set aside.
 *
 * @throws EngineError of the readers; 'data-invalid' for labels that only the dev rows have
 */
export function openRunData(request: DataRequest, model: OpenModel): RunData {
  const opening = openingRunData(request, model)
  let next = opening.next()
  while (next.done !== true) next = opening.next()
  return next.value
}

/** As `openRunData`, in pieces: yields how many rows were read so far. */
export function* openingRunData(request: DataRequest, opened: OpenModel): Generator<number, RunData> {
  const { tokenizer, chat, model } = opened
  const maximumTokens = request.maximumTokens ?? null
  const common: Omit<DatasetRequest, 'path' | 'purpose'> = {
    task: request.task,
    tokenizer,
    contextLength: Math.min(model.description.contextLength, maximumTokens ?? Infinity),
    skipBadRows: request.skipBadRows,
    ...(chat !== null && { chat }),
  }
  const all = yield* loadingDataset({
    ...common,
    path: request.path,
    purpose: 'train',
    ...(request.limit !== null && { limit: request.limit }),
  })
  let train = all
  let dev: LoadedDataset
  let devLines: readonly number[] = []
  if (request.devPath === null) {
    devLines = request.devLines ?? chooseDevLines(all, request.seed)
    ;({ train, dev } = splitByLines(all, devLines))
  } else {
    const evaluation = { ...common, task: all.task, path: request.devPath, purpose: 'evaluate' as const }
    dev = yield* loadingDataset({ ...evaluation, knownColumns: all.columns })
  }
  refuseUnseenLabels(train, dev)
  return {
    train,
    dev,
    task: all.task,
    kept: request.keepPath == null ? null : openKeptText(request.keepPath, opened),
    job: {
      path: request.path,
      sha256: hashData(request.path),
      dev: request.devPath === null ? null : { path: request.devPath, sha256: hashData(request.devPath) },
      devLines: [...devLines],
      limit: request.limit,
      skipBadRows: request.skipBadRows,
      maximumTokens,
    },
    notices: [
      ...dataNotices(train, dev, request.devPath === null),
      ...labelNotices(train.dataset.objective, request.task),
    ],
  }
}

/**
 * Reads the rows of an existing run again.
 *
 * @throws EngineError 'run-invalid' where a data file is not what it was
 */
export function reopenRunData(job: TrainJob, model: OpenModel): RunData {
  const { path, dev, devLines, limit, skipBadRows, maximumTokens } = job.data
  const devPath = dev?.path ?? null
  const keepPath = job.keepBase?.path ?? null
  const files = { path, devPath, keepPath }
  const data = openRunData(
    { ...files, task: job.task, seed: job.seed, limit, skipBadRows, maximumTokens, devLines },
    model,
  )
  const changed = [
    ...(data.job.sha256 === job.data.sha256 ? [] : [path]),
    ...(data.job.dev?.sha256 === dev?.sha256 ? [] : [devPath]),
    ...(data.kept?.sha256 === job.keepBase?.sha256 ? [] : [keepPath]),
  ].find((each) => each !== null)
  if (changed === undefined) return data
  const message = `${changed} has changed since this run began; put the old file back, or begin a new run`
  throw new EngineError('run-invalid', { path: changed, where: 'sha256' }, message)
}

function dataNotices(train: LoadedDataset, dev: LoadedDataset, isSplit: boolean): string[] {
  const notices = [...train.notices, ...(isSplit ? [] : dev.notices)]
  if (isSplit) {
    const count = dev.rows.lines.length
    notices.push(`no dev file: ${count} rows of ${basename(train.path)} are set aside for evaluation`)
  }
  const duplicates = findDuplicates(train, dev)
  if (duplicates.count > 0) {
    const [first] = duplicates.firstRows
    const example = `dev line ${first.devLine} is training line ${first.trainLine}`
    notices.push(`${duplicates.count} dev rows are also trained on (${example}); their figures say less`)
  }
  for (const { path, skippedCount, skippedMessages } of isSplit ? [train] : [train, dev]) {
    if (skippedCount === 0) continue
    notices.push(`${basename(path)}: left out ${skippedCount} bad rows, the first: ${skippedMessages[0]}`)
  }
  return notices
}
