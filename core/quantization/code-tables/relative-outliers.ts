import type { ByteSource } from '../../formats/byte-source.js'
import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import type { SparseValues } from '../../formats/sparse-values.js'
import type { QuantizedMatrix } from '../matrix.js'
import { malformedTensor } from '../tensor-errors.js'

/**
 * The outliers of a tensor divided by the scales of their blocks, as a matrix has them.
 *
 * @throws EngineError `model-malformed` where a quotient is not finite
 */
export function relativeOutliers(
  source: ByteSource,
  tensor: GgufTensor,
  { positions, values }: SparseValues,
  { scales, blockSize }: Pick<QuantizedMatrix, 'scales' | 'blockSize'>,
): SparseValues {
  const relative = values.map((value, i) => value / scales[Math.floor(positions[i] / blockSize)])
  const bad = relative.findIndex((value) => !Number.isFinite(value))
  if (bad < 0) return { positions, values: relative }
  const reason = `expected outliers that their block's scale multiplies, found ${values[bad]} at index ${positions[bad]}`
  throw malformedTensor(source.path, tensor, reason)
}
