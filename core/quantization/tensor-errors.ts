import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { readableTypes } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import { modelProblem } from '../schema/model-problems.js'

/** A tensor whose bytes do not make sense. */
export function malformedTensor(path: string, tensor: GgufTensor, reason: string): EngineError {
  const where = modelProblem('at-tensor', { name: tensor.name })
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}

/** A tensor of a type that cannot be read, with the types that can. */
export function unsupportedType(path: string, tensor: GgufTensor): EngineError {
  const supported = readableTypes.join(', ')
  const message = `'${path}': tensor '${tensor.name}' has type ${tensor.type}; supported are ${supported}`
  const feature = modelProblem('tensor-type', { type: tensor.type })
  return new EngineError('model-unsupported', { path, feature }, message)
}
