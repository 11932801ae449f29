import { readLayout } from '../data/layout.js'
import { loadDataset, type DatasetRequest, type LoadedDataset } from '../data/load-dataset.js'
import type { OpenModel } from '../engine/open-model.js'
import { EngineError } from '../schema/engine-error.js'
import type { Task } from '../schema/task.js'
import { reopenRunData } from './open-data.js'
import type { Subject } from './open-trained.js'

/** Which rows to evaluate on. */
export interface EvaluationRequest {
  /** Null for the run's own dev rows. */
  readonly path: string | null
  /** Null for the run's own task. */
  readonly task: Task | null
  /** Use the first rows only; null for all. */
  readonly limit: number | null
  readonly skipBadRows: boolean
}

/**
 * Reads the rows to evaluate a model or a run on. A run brings its task, and its dev rows where no file is named; in another
 * file, a renamed column is recognised.
 *
 * @throws EngineError 'request-invalid' where the file or the task is missing, and those of the readers
 */
export function openEvaluationData(subject: Subject, request: EvaluationRequest): LoadedDataset {
  const run = subject.kind === 'run' ? subject : null
  if (request.path === null) {
    if (run === null) throw requestInvalid('name the rows to evaluate on with --data')
    if (request.task !== null)
      throw requestInvalid('another task than the run has needs its rows: add --data')
    return firstRows(reopenRunData(run.job, run.model).dev, request.limit)
  }
  const task = request.task ?? run?.job.task ?? null
  if (task === null) {
    throw requestInvalid(
      "say what the rows ask: --prompt '{column} ...' for labels, with --answer for answers or --chosen and --rejected for pairs, --text, --messages, or --task FILE.json",
    )
  }
  const known = request.task === null && run !== null ? trainingColumns(run.job.data.path) : null
  return loadDataset({
    ...datasetRequest(subject.model, request),
    path: request.path,
    task,
    purpose: 'evaluate',
    ...(known !== null && { knownColumns: known }),
  })
}

function datasetRequest(
  { tokenizer, chat, model }: OpenModel,
  { limit, skipBadRows }: EvaluationRequest,
): Omit<DatasetRequest, 'path' | 'task' | 'purpose'> {
  return {
    tokenizer,
    contextLength: model.description.contextLength,
    skipBadRows,
    ...(chat !== null && { chat }),
    ...(limit !== null && { limit }),
  }
}

/** Null where the training file is gone: then only columns of the same name are found. */
function trainingColumns(path: string): readonly string[] | null {
  try {
    return readLayout(path).columns
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'file-unreadable') return null
    throw thrown
  }
}

function firstRows(loaded: LoadedDataset, limit: number | null): LoadedDataset {
  if (limit === null || limit >= loaded.rows.lines.length) return loaded
  const lines = loaded.rows.lines.slice(0, limit)
  const kept = new Set(lines)
  const { dataset, rows } = loaded
  return {
    ...loaded,
    dataset: { ...dataset, examples: dataset.examples.filter(({ line }) => kept.has(line)) },
    rows: { lines, fingerprints: rows.fingerprints.slice(0, limit) },
  }
}

function requestInvalid(issue: string): EngineError {
  return new EngineError('request-invalid', { issues: [issue] }, issue)
}
