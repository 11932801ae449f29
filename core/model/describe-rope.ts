import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile } from '../formats/gguf/gguf-file.js'
import { readVector } from '../quantization/read-vector.js'
import type { RopeDescription } from './description.js'
import { checkShape } from './check-tensors.js'
import { optionalNumber, optionalText, positiveCount, positiveNumber, unsupportedModel } from './metadata.js'
import { tensorNames } from './tensor-names.js'
import { yarnFactors, yarnMagnitude } from './yarn.js'
import { modelProblem } from '../schema/model-problems.js'

const defaultBase = 10_000

/** What a rotation depends on besides its own metadata. */
export interface RopeContext {
  /** Prefix of the metadata's keys. */
  readonly architecture: string
  readonly layout: RopeDescription['layout']
  readonly headWidth: number
}

/**
 * Reads how a model rotates its queries and keys.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for scaling other than linear, Llama 3's, YaRN and Phi 3's
 */
export function describeRope(file: GgufFile, source: ByteSource, context: RopeContext): RopeDescription {
  const { headWidth, layout } = context
  const key = (name: string): string => `${context.architecture}.rope.${name}`
  const dimensions = positiveCount(file, key('dimension_count'), headWidth)
  if (dimensions > headWidth || dimensions % 2 !== 0) {
    const found = modelProblem('rotated-share', { count: dimensions, total: headWidth })
    throw unsupportedModel(file, found, 'an even number, up to all')
  }
  const factors = (name: string): Float32Array | null => readFactors(file, source, name, dimensions)
  const base = positiveNumber(file, key('freq_base'), defaultBase)
  const scaling = readScaling(file, key, { base, dimensions })
  const long = factors(tensorNames.ropeLongFactors)
  return {
    base,
    dimensions,
    layout,
    positionScale: scaling.positionScale,
    frequencyFactors:
      factors(tensorNames.ropeFrequencies) ?? factors(tensorNames.ropeShortFactors) ?? scaling.factors,
    longFactors:
      long === null
        ? null
        : { above: positiveCount(file, key('scaling.original_context_length')), factors: long },
    magnitude: scaling.magnitude * positiveNumber(file, key('scaling.attn_factor'), 1),
  }
}

interface Scaling {
  readonly positionScale: number
  readonly factors: Float32Array | null
  readonly magnitude: number
}

function readScaling(
  file: GgufFile,
  key: (name: string) => string,
  rope: Pick<RopeDescription, 'base' | 'dimensions'>,
): Scaling {
  const type = optionalText(file, key('scaling.type')) ?? 'linear'
  const unscaled = { positionScale: 1, factors: null, magnitude: 1 }
  switch (type) {
    case 'none':
    case 'longrope':
      return unscaled
    case 'linear':
      return { ...unscaled, positionScale: readFactor(file, key) }
    case 'yarn': {
      const factor = readFactor(file, key)
      if ((optionalNumber(file, key('scaling.yarn_log_multiplier')) ?? 0) !== 0) {
        throw unsupportedModel(file, modelProblem('yarn-multiplier'), 'none')
      }
      const yarn = {
        ...rope,
        factor,
        length: positiveCount(file, key('scaling.original_context_length')),
        fast: positiveNumber(file, key('scaling.yarn_beta_fast'), 32),
        slow: positiveNumber(file, key('scaling.yarn_beta_slow'), 1),
      }
      const attention = positiveNumber(file, key('scaling.yarn_attn_factor'), 1)
      return { ...unscaled, factors: yarnFactors(yarn), magnitude: yarnMagnitude(factor) * attention }
    }
    default:
      throw unsupportedModel(
        file,
        modelProblem('rope-scaling', { name: type }),
        'none, linear, yarn and longrope',
      )
  }
}

/** Some files write 0 for "no scaling". */
function readFactor(file: GgufFile, key: (name: string) => string): number {
  const name = file.metadata.has(key('scaling.factor')) ? key('scaling.factor') : key('scale_linear')
  return optionalNumber(file, name) === 0 ? 1 : positiveNumber(file, name, 1)
}

function readFactors(
  file: GgufFile,
  source: ByteSource,
  name: string,
  dimensions: number,
): Float32Array | null {
  const tensor = file.tensors.get(name)
  if (!tensor) return null
  checkShape(file, tensor, [dimensions / 2])
  const factors = readVector(source, tensor)
  if (factors.some((factor) => factor <= 0)) {
    throw unsupportedModel(file, modelProblem('rope-factors'), 'factors above 0')
  }
  return factors
}
