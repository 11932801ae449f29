import type { ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { readFloats } from './read-floats.js'
import { malformedTensor } from './tensor-errors.js'

/**
 * Reads the vector of a norm or a bias (F32, F16 or BF16) as float32.
 *
 * @throws EngineError `model-malformed` for a matrix or for NaN or infinite values, `model-unsupported` for another type
 */
export function readVector(source: ByteSource, tensor: GgufTensor): Float32Array {
  if (tensor.shape.length !== 1) {
    throw malformedTensor(source.path, tensor, `expected a vector, found shape [${tensor.shape.join(', ')}]`)
  }
  return readFloats(source, tensor)
}
