import {
  reopeningRunData,
  type OpenModel,
  type RunData,
  type RunFolder,
  type TrainJob,
} from '../../core/index.js'
import type { Task } from './tasks.js'

/** Reads the rows of a run again, answering others meanwhile. @throws EngineError of `reopenRunData`, 'cancelled' */
export async function reopenRows(
  job: TrainJob,
  model: OpenModel,
  folder: RunFolder,
  task: Pick<Task, 'progress' | 'breathe'>,
): Promise<RunData> {
  const opening = reopeningRunData(job, model, folder.path)
  let next = opening.next()
  for (; next.done !== true; next = opening.next()) {
    task.progress('making-tokens', next.value, null, 'rows')
    await task.breathe()
  }
  return next.value
}
