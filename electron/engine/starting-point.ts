import { readJob, runFolder, startFrom, type OpenModel, type TrainJob } from '../../core/index.js'
import { requestIssue } from '../../core/schema/request-issues.js'
import type { Choices } from '../ipc/choices.js'
import type { RunFolders } from './run-records.js'

/**
 * Choices of a run that begins where another one ended: it trains the same layers unless the person says otherwise, because
 * what was learned must go on somewhere.
 *
 * @throws EngineError 'unknown-item', 'run-invalid', 'request-invalid' where probing is to choose layers
 */
export function startingAt(folders: RunFolders, choices: Choices): Choices {
  if (choices.startRunId === null) return choices
  if (choices.layers === 'auto') throw requestIssue('layers-of-start')
  if (choices.layers !== null) return choices
  const { recipe } = readJob(runFolder(folders.find(choices.startRunId)))
  return { ...choices, layers: { first: recipe.firstLayer, last: recipe.endLayer - 1 } }
}

/** A job with where it begins, and that state; null for the model as it is. @throws EngineError as `startFrom` */
export function startOf(
  folders: RunFolders,
  { startRunId }: Choices,
  job: TrainJob,
  model: OpenModel,
): { job: TrainJob; startState: Uint8Array | null } {
  if (startRunId === null) return { job, startState: null }
  return startFrom(runFolder(folders.find(startRunId)), job, model)
}
