import type { OpenModel } from '../engine/open-model.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import { requireSameModel } from '../training/open-trained.js'
import { createParameters } from '../training/recipes.js'
import { stateHash, takeSteps, type Adapter } from './adapter.js'

/**
 * Rebuilds what training made of a model by taking an adapter's steps again, bit for bit.
 *
 * @param path of the adapter, for messages
 * @throws EngineError 'model-mismatch' for another base model, 'adapter-invalid' where the steps lead to another state
 */
export function applyAdapter(adapter: Adapter, model: OpenModel, path: string): TrainedParameters {
  const { base, job, stateSha256 } = adapter.manifest
  requireSameModel(base.sha256, model)
  const parameters = createParameters(job.recipe, model.model)
  takeSteps(parameters, adapter)
  if (stateHash(parameters) === stateSha256) return parameters
  const where = 'the steps'
  const message = `'${path}' is no adapter: ${where} lead to another state than it promises`
  throw new EngineError('adapter-invalid', { path, where }, message)
}
