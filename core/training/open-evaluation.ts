import { chooseShotLines } from '../data/choose-shots.js'
import { sampleRows } from '../data/choose-training-rows.js'
import { readLayout } from '../data/layout.js'
import { loadDataset, readShots, type LoadedDataset } from '../data/load-dataset.js'
import type { Shot } from '../data/prompt-frame.js'
import { selectRows } from '../data/split.js'
import type { AnyOpenModel } from '../engine/open-graph-model.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { RowFilter } from '../schema/row-selection.js'
import type { Task } from '../schema/task.js'
import { loadRows, type RowsRequest } from './load-rows.js'
import { reopenRunData, type RunData } from './open-data.js'
import type { Subject, TrainedRun } from './open-trained.js'

/** Which rows to evaluate on. */
export interface EvaluationRequest {
  /** Null for the run's own dev rows. */
  readonly path: string | null
  /** Null for the run's own task. */
  readonly task: Task | null
  /** Use the first rows only; null for all. */
  readonly limit: number | null
  /** Use so many rows, drawn by a seed; null for all. */
  readonly sample: { readonly count: number; readonly seed: number } | null
  readonly skipBadRows: boolean
  /** Which of a run's own rows, where no file is named. */
  readonly part: 'dev' | 'test'
  /** File of the rows that stand in front of prompts, for a model that no run brought them for. */
  readonly shotsPath: string | null
  /** Rows that do not meet all of them are passed over. */
  readonly filters: readonly RowFilter[]
}

/** Rows to evaluate on, and how they were read. */
export interface EvaluationData {
  readonly data: LoadedDataset
  /** Reads the same rows again. */
  readonly request: RowsRequest
}

/**
 * Reads the rows to evaluate a model or a run on. A run brings its task, and its own rows where no file is named; in another
 * file, a renamed column is recognised.
 *
 * @throws EngineError 'request-invalid' where the file or the task is missing, and those of the readers
 */
export function openEvaluationData(subject: Subject<AnyOpenModel>, asked: EvaluationRequest): EvaluationData {
  if (subject.kind === 'run' && asked.path === null) return ownRows(subject, asked)
  const request = fileRequest(subject, asked)
  return { data: limited(loadRows(request, subject.model), asked), request }
}

function ownRows({ job, model, folder }: TrainedRun<AnyOpenModel>, asked: EvaluationRequest): EvaluationData {
  if (asked.task !== null) throw requestInvalid('another task than the run has needs its rows: add --data')
  const data = reopenRunData(job, model, folder.path)
  const isDevFile = asked.part === 'dev' && job.data.dev !== null
  return {
    data: limited(partOf(data, asked.part), asked),
    request: {
      ...datasetRequest(model, asked),
      path: isDevFile ? (job.data.dev?.path ?? job.data.path) : job.data.path,
      task: job.task,
      purpose: 'evaluate',
      filters: job.data.selection.filters,
      corrections: job.data.selection.corrections.filter(({ isDev }) => isDev === isDevFile),
      shots: data.shots,
    },
  }
}

/** How the rows of a file are read. */
function fileRequest(subject: Subject<AnyOpenModel>, asked: EvaluationRequest): RowsRequest {
  const run = subject.kind === 'run' ? subject : null
  if (asked.path === null) throw requestInvalid('name the rows to evaluate on with --data')
  if (asked.part === 'test') throw requestInvalid("--part test means a run's own rows: leave out --data")
  const task = asked.task ?? run?.job.task ?? null
  if (task === null) {
    throw requestInvalid(
      "say what the rows ask: --prompt '{column} ...' for labels, with --answer for answers or --chosen and --rejected for pairs, --text, --messages, or --task FILE.json",
    )
  }
  const known = asked.task === null && run !== null ? trainingColumns(run.job) : null
  return {
    ...datasetRequest(subject.model, asked),
    path: asked.path,
    task,
    purpose: 'evaluate',
    shots: asked.task === null && run !== null ? runShots(run) : modelShots(task, subject.model, asked),
    ...(known !== null && { knownColumns: known }),
  }
}

function partOf({ dev, test }: RunData, part: 'dev' | 'test'): LoadedDataset {
  if (part === 'dev') return dev
  if (test !== null) return test
  throw requestInvalid('this run has no test rows: train with --test-rows to set some aside')
}

/** The rows that a run has in front of its prompts; reading them again takes its training file. */
function runShots(run: TrainedRun<AnyOpenModel>): readonly Shot[] {
  return run.job.data.shotLines.length === 0 ? [] : reopenRunData(run.job, run.model, run.folder.path).shots
}

function modelShots(task: Task, model: AnyOpenModel, request: EvaluationRequest): readonly Shot[] {
  if (!('shots' in task) || task.shots === undefined) return []
  if (request.shotsPath === null) {
    throw requestInvalid(
      'rows in front of prompts come from training rows: name their file with --shots-from',
    )
  }
  const common = datasetRequest(model, { ...request, filters: [] })
  const shotsRequest = { ...common, path: request.shotsPath, task, purpose: 'train' as const }
  return readShots(shotsRequest, chooseShotLines(loadDataset(shotsRequest), task.shots))
}

function datasetRequest(
  { tokenizer, chat, model }: AnyOpenModel,
  { skipBadRows, filters }: EvaluationRequest,
): Omit<RowsRequest, 'path' | 'task' | 'purpose'> {
  return {
    tokenizer,
    contextLength: model.description.contextLength,
    skipBadRows,
    filters,
    ...(chat !== null && { chat }),
  }
}

/** Null where the training file is gone: then only columns of the same name are found. */
function trainingColumns({ data, task }: TrainJob): readonly string[] | null {
  if (task.kind === 'tensors') return data.columns
  try {
    return readLayout(data.path).columns
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'file-unreadable') return null
    throw thrown
  }
}

/** The first rows, or a sample of them. */
function limited(loaded: LoadedDataset, { limit, sample }: EvaluationRequest): LoadedDataset {
  const first = new Set(loaded.rows.lines.slice(0, limit ?? undefined))
  const some = limit === null ? loaded : selectRows(loaded, (line) => first.has(line))
  return sample === null ? some : sampleRows(some, sample.count, sample.seed)
}
