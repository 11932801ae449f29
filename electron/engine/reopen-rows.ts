import {
  reopeningRunData,
  type OpenModel,
  type RunData,
  type RunFolder,
  type TrainJob,
} from '../../core/index.js'
import { inPieces, type Task } from './tasks.js'

/** Reads the rows of a run again, answering others meanwhile. @throws EngineError of `reopenRunData`, 'cancelled' */
export function reopenRows(
  job: TrainJob,
  model: OpenModel,
  folder: RunFolder,
  task: Pick<Task, 'progress' | 'breathe'>,
): Promise<RunData> {
  return inPieces(reopeningRunData(job, model, folder.path), task, (count) =>
    task.progress('making-tokens', count, null, 'rows'),
  )
}
