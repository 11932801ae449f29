import type { AnyOpenModel } from '../engine/open-graph-model.js'
import type { TrainJob } from '../schema/job.js'
import { carryState } from './carry-state.js'
import { stateHash } from './initial-state.js'
import { openState } from './open-state.js'
import { requireSameModel } from './open-trained.js'
import { createParameters } from './recipes.js'
import { readJob, type RunFolder } from './run-folder.js'

/**
 * A job that begins at the best state of an earlier run of the same model, and that state in the terms of its own recipe.
 *
 * @param folder of the earlier run
 * @throws EngineError 'model-mismatch', 'run-invalid', and as `carryState`
 */
export function startFrom(
  folder: RunFolder,
  job: TrainJob,
  model: AnyOpenModel,
): { job: TrainJob; startState: Uint8Array } {
  const earlier = readJob(folder)
  requireSameModel(earlier.model.sha256, model)
  const { parameters: ofEarlier, step } = openState(folder, earlier, model.model, null)
  const parameters = createParameters(job.recipe, model.model)
  const largestRounding = carryState(
    { recipe: earlier.recipe, parameters: ofEarlier },
    { recipe: job.recipe, parameters },
  )
  const startState = parameters.save()
  const start = { recipe: earlier.recipe.name, step, stateSha256: stateHash(startState), largestRounding }
  return { job: { ...job, start }, startState }
}
