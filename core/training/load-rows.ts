import { loadingDataset, type LoadedDataset } from '../data/load-dataset.js'
import type { DatasetRequest } from '../data/open-dataset.js'
import { loadingTensorRows, tensorExtensions } from '../data/tensors/load-tensor-rows.js'
import { hashData } from '../data/hash-data.js'
import { requestIssue } from '../schema/request-issues.js'
import type { Task } from '../schema/task.js'
import type { RowReader } from './row-reader.js'

/** Which rows to read, of text or of tensors. */
export interface RowsRequest extends Omit<DatasetRequest, 'task'> {
  readonly task: Task
}

/**
 * Reads rows of whichever kind the task and the model are for, in pieces: yields how many were read so far.
 *
 * @throws EngineError 'request-invalid' where the task and the model do not go together, and those of the readers
 */
export function* loadingRows(
  { task, ...request }: RowsRequest,
  { model: { tensorGraph } }: RowReader,
): Generator<number, LoadedDataset> {
  if (task.kind !== 'tensors') {
    if (tensorGraph !== undefined) throw requestIssue('text-of-tensors')
    return yield* loadingDataset({ ...request, task })
  }
  if (tensorGraph === undefined) throw requestIssue('tensors-without-graph')
  refuseChoicesOfText(request)
  const { path, skipBadRows = false, limit = Infinity } = request
  return yield* loadingTensorRows({ path, task, graph: tensorGraph, skipBadRows, limit })
}

/** As `loadingRows`, at once. */
export function loadRows(request: RowsRequest, reader: RowReader): LoadedDataset {
  const loading = loadingRows(request, reader)
  let next = loading.next()
  while (next.done !== true) next = loading.next()
  return next.value
}

/** SHA-256 of the rows of a task. @throws EngineError 'file-unreadable' */
export function hashRows(path: string, { kind }: Task): string {
  return hashData(path, kind === 'tensors' ? tensorExtensions : undefined)
}

/** @throws EngineError 'request-invalid' */
function refuseChoicesOfText(request: Omit<RowsRequest, 'task'>): void {
  const { filters = [], corrections = [], groupBy = null, hasSignatures = false, contextLength } = request
  const isChosen = filters.length > 0 || corrections.length > 0 || groupBy !== null || hasSignatures
  if (isChosen || contextLength !== Infinity) throw requestIssue('choice-of-tensors')
}
