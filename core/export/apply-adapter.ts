import type { OpenModel } from '../engine/open-model.js'
import type { TrainedState } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import { requireSameModel } from '../training/open-trained.js'
import { rebuildState, stateHash, type Adapter } from './adapter.js'

/**
 * Rebuilds what training made of a model from an adapter, bit for bit.
 *
 * @param path of the adapter, for messages
 * @throws EngineError 'model-mismatch' for another base model, 'adapter-invalid' where it leads to another state
 */
export function applyAdapter(adapter: Adapter, model: OpenModel, path: string): TrainedState {
  const { base, stateSha256 } = adapter.manifest
  requireSameModel(base.sha256, model)
  const parameters = rebuildState(adapter, model.model)
  if (stateHash(parameters) === stateSha256) return parameters
  const where = 'its content'
  const message = `'${path}' is no adapter: ${where} leads to another state than it promises`
  throw new EngineError('adapter-invalid', { path, where }, message)
}
