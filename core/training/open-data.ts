import { chooseShotLines } from '../data/choose-shots.js'
import { refuseUnseenLabels } from '../data/compare-datasets.js'
import { readShots, type LoadedDataset } from '../data/load-dataset.js'
import type { Shot } from '../data/prompt-frame.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import { everyRow, type RowCorrection, type RowSelection } from '../schema/row-selection.js'
import type { Task } from '../schema/task.js'
import { dataNotices } from './data-notices.js'
import { openKeptText, type KeptText } from './kept-text.js'
import { hashRows, loadingRows, type RowsRequest } from './load-rows.js'
import { partRows, type PartedRows } from './part-rows.js'
import type { RowReader } from './row-reader.js'

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
  /** Which rows are used, and for what; every one where it is left out. */
  readonly selection?: RowSelection
  /** Look for rows that are almost the same, also where nothing is left out for it. */
  readonly hasSignatures?: boolean
  /** Lines of the parts, where an earlier session of the run chose them. */
  readonly devLines?: readonly number[]
  readonly testLines?: readonly number[]
  readonly shotLines?: readonly number[]
  /** Text on which the model should stay as its base is. */
  readonly keepPath?: string | null
  /** A folder for the tokens that are too many for memory; all stay there where it is left out or null. */
  readonly scratchFolder?: string | null
}

/** The rows of a run. */
export interface RunData extends PartedRows {
  /** The task with everything filled in from the training file. */
  readonly task: Task
  /** Rows that stand in front of every prompt. */
  readonly shots: readonly Shot[]
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
export function openRunData(request: DataRequest, model: RowReader): RunData {
  const opening = openingRunData(request, model)
  let next = opening.next()
  while (next.done !== true) next = opening.next()
  return next.value
}

/** As `openRunData`, in pieces: yields how many rows were read so far. */
export function* openingRunData(request: DataRequest, model: RowReader): Generator<number, RunData> {
  const { task: asked, selection = everyRow } = request
  let files = yield* loadFiles(request, model, [])
  let parts = partRows(files, request, [])
  let shots: readonly Shot[] = []
  let shotLines: readonly number[] = []
  if ('shots' in asked && asked.shots !== undefined) {
    shotLines = request.shotLines ?? chooseShotLines(parts.train, asked.shots)
    shots = readShots({ ...trainRequest(request, model), task: asked }, shotLines)
    files = yield* loadFiles(request, model, shots)
    parts = partRows(files, { ...request, ...linesStillUsable(parts, files.all) }, shotLines)
  }
  refuseUnseenLabels(parts.train, parts.dev)
  return {
    ...parts,
    task: files.all.task,
    shots,
    kept: request.keepPath == null ? null : openKeptText(request.keepPath, model),
    job: {
      path: request.path,
      sha256: hashRows(request.path, asked),
      dev:
        request.devPath === null ? null : { path: request.devPath, sha256: hashRows(request.devPath, asked) },
      devLines: [...parts.devLines],
      limit: request.limit,
      skipBadRows: request.skipBadRows,
      maximumTokens: request.maximumTokens ?? null,
      selection,
      testLines: [...parts.testLines],
      shotLines: [...shotLines],
      columns: [...files.all.columns],
    },
    notices: dataNotices(parts, {
      ...files,
      asked,
      shotCount: shots.length,
      correctionCount: selection.corrections.length,
      tokenizer: model.tokenizer,
    }),
  }
}

/**
 * Reads the rows of an existing run again.
 *
 * @param scratchFolder see `DataRequest`
 * @throws EngineError 'run-invalid' where a data file is not what it was
 */
export function reopenRunData(job: TrainJob, model: RowReader, scratchFolder: string | null): RunData {
  const opening = reopeningRunData(job, model, scratchFolder)
  let next = opening.next()
  while (next.done !== true) next = opening.next()
  return next.value
}

/** As `reopenRunData`, in pieces: yields how many rows were read so far. */
export function* reopeningRunData(
  job: TrainJob,
  model: RowReader,
  scratchFolder: string | null,
): Generator<number, RunData> {
  const { path, dev, ...choices } = job.data
  const devPath = dev?.path ?? null
  const keepPath = job.keepBase?.path ?? null
  const files = { path, devPath, keepPath, scratchFolder }
  const data = yield* openingRunData({ ...choices, ...files, task: job.task, seed: job.seed }, model)
  const changed = [
    ...(data.job.sha256 === job.data.sha256 ? [] : [path]),
    ...(data.job.dev?.sha256 === dev?.sha256 ? [] : [devPath]),
    ...(data.kept?.sha256 === job.keepBase?.sha256 ? [] : [keepPath]),
  ].find((each) => each !== null)
  if (changed === undefined) return data
  const message = `${changed} has changed since this run began; put the old file back, or begin a new run`
  throw new EngineError('run-invalid', { path: changed, where: 'sha256' }, message)
}

/** The files of a run, read. */
export interface LoadedFiles {
  readonly all: LoadedDataset
  /** Null where dev rows are set aside. */
  readonly devFile: LoadedDataset | null
}

function* loadFiles(
  request: DataRequest,
  model: RowReader,
  shots: readonly Shot[],
): Generator<number, LoadedFiles> {
  const common = { ...trainRequest(request, model), shots }
  const all = yield* loadingRows(common, model)
  if (request.devPath === null) return { all, devFile: null }
  const evaluation = {
    ...common,
    corrections: correctionsOf(request, true),
    task: all.task,
    path: request.devPath,
    limit: Infinity,
    groupBy: null,
  }
  return {
    all,
    devFile: yield* loadingRows({ ...evaluation, purpose: 'evaluate', knownColumns: all.columns }, model),
  }
}

function trainRequest(request: DataRequest, { tokenizer, chat, model }: RowReader): RowsRequest {
  const { path, task, limit, skipBadRows, selection = everyRow, maximumTokens = null } = request
  const { leaveOut, filters, groupBy } = selection
  const needsSignatures = leaveOut.includes('nearly-repeated') || leaveOut.includes('nearly-held-out')
  return {
    path,
    task,
    tokenizer,
    contextLength: Math.min(model.description.contextLength, maximumTokens ?? Infinity),
    skipBadRows,
    purpose: 'train',
    scratchFolder: request.scratchFolder ?? null,
    corrections: correctionsOf(request, false),
    filters,
    groupBy,
    hasSignatures: request.hasSignatures === true || needsSignatures,
    ...(chat !== null && { chat }),
    ...(limit !== null && { limit }),
  }
}

/** Of the one file or the other. */
function correctionsOf({ selection = everyRow }: DataRequest, isDev: boolean): readonly RowCorrection[] {
  return selection.corrections.filter((correction) => correction.isDev === isDev)
}

/** With rows in front of prompts, a few rows may have become too long. */
function linesStillUsable(
  { devLines, testLines }: PartedRows,
  { rows }: LoadedDataset,
): { readonly devLines: readonly number[]; readonly testLines: readonly number[] } {
  const usable = new Set(rows.lines)
  const still = (lines: readonly number[]): number[] => lines.filter((line) => usable.has(line))
  return { devLines: still(devLines), testLines: still(testLines) }
}
