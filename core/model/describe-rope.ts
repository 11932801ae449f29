import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile } from '../formats/gguf/gguf-file.js'
import { readVector } from '../quantization/read-vector.js'
import type { RopeDescription } from './description.js'
import { checkShape } from './check-tensors.js'
import { optionalNumber, optionalText, positiveCount, positiveNumber, unsupportedModel } from './metadata.js'
import { tensorNames } from './tensor-names.js'

const defaultBase = 10_000
const factorKey = 'llama.rope.scaling.factor'
const legacyFactorKey = 'llama.rope.scale_linear'

/**
 * Reads how a model of the llama architecture rotates its queries and keys.
 *
 * llama.cpp stores the query and key weights of this architecture permuted, so that neighbours form a pair.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for scaling other than linear and Llama 3's
 */
export function describeRope(file: GgufFile, source: ByteSource, headWidth: number): RopeDescription {
  const dimensions = positiveCount(file, 'llama.rope.dimension_count', headWidth)
  if (dimensions !== headWidth || headWidth % 2 !== 0) {
    const found = `${dimensions} of ${headWidth}`
    throw unsupportedModel(file, `rotation of ${found} dimensions of a head`, 'an even number, all of them')
  }
  return {
    base: positiveNumber(file, 'llama.rope.freq_base', defaultBase),
    dimensions,
    layout: 'interleaved',
    positionScale: readPositionScale(file),
    frequencyFactors: readFrequencyFactors(file, source, dimensions),
  }
}

function readPositionScale(file: GgufFile): number {
  const type = optionalText(file, 'llama.rope.scaling.type') ?? 'linear'
  if (type === 'none') return 1
  if (type !== 'linear') throw unsupportedModel(file, `rope scaling '${type}'`, "'none' and 'linear'")
  const attentionFactor = optionalNumber(file, 'llama.rope.scaling.attn_factor') ?? 1
  if (attentionFactor !== 1) throw unsupportedModel(file, 'a rope attention factor', 'none')
  const key = file.metadata.has(factorKey) ? factorKey : legacyFactorKey
  // Some files write 0 for "no scaling".
  return optionalNumber(file, key) === 0 ? 1 : positiveNumber(file, key, 1)
}

function readFrequencyFactors(file: GgufFile, source: ByteSource, dimensions: number): Float32Array | null {
  const tensor = file.tensors.get(tensorNames.ropeFrequencies)
  if (!tensor) return null
  checkShape(file, tensor, [dimensions / 2])
  const factors = readVector(source, tensor)
  if (factors.some((factor) => factor <= 0)) {
    throw unsupportedModel(file, 'rope frequency factors of 0 or less', 'factors above 0')
  }
  return factors
}
