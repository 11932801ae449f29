import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile } from '../formats/gguf/gguf-file.js'
import { architectures } from './architectures.js'
import {
  architectureMetadata,
  type Architecture,
  type ArchitectureSettings,
} from './architectures/architecture.js'
import { checkTensors, findBiases, requireTensor } from './check-tensors.js'
import { describeRope } from './describe-rope.js'
import type { LayerDescription, ModelDescription, RopeDescription } from './description.js'
import { splitFusedTensors } from './fused-tensors.js'
import {
  malformedMetadata,
  optionalArray,
  optionalFlag,
  optionalNumber,
  optionalText,
  positiveCount,
  positiveNumber,
  unsupportedModel,
} from './metadata.js'
import { readSizes } from './read-sizes.js'
import { tensorNames } from './tensor-names.js'
import { modelProblem } from '../schema/model-problems.js'

/**
 * Reads everything that decides a model's graphs, and checks that all its tensors are there with the right shapes.
 *
 * @param source the file itself, for the rope frequency factors, which are a tensor
 * @throws EngineError `model-malformed` (naming the metadata or tensor), `model-unsupported` (naming the feature)
 */
export function describeModel(file: GgufFile, source: ByteSource): ModelDescription {
  const architecture = architectureOf(file)
  const { name, ropeLayout } = architecture
  refuseOtherFeatures(file, name)
  const sizes = readSizes(file, name)
  const { window, layerRule, localRope, ...settings } = architecture.settings(
    architectureMetadata(file, name),
    sizes,
  )
  const rope = describeRope(file, source, { architecture: name, layout: ropeLayout, ...sizes })
  const contextLength = positiveCount(file, `${name}.context_length`)
  if (window === undefined) refuseWindow(file, name, contextLength)
  const split = splitFusedTensors(file)
  const model: ModelDescription = {
    architecture: name,
    name: optionalText(file, 'general.name') ?? '',
    ...sizes,
    vocabularySize: readVocabularySize(file),
    contextLength,
    norms: architecture.norms,
    normKind: architecture.normKind,
    normEpsilon: positiveNumber(file, `${name}.attention.${epsilonKeys[architecture.normKind]}`),
    queryKeyNorm: architecture.queryKeyNorm,
    activation: architecture.activation,
    attentionScale: 1 / Math.sqrt(sizes.headWidth),
    attentionSoftCap: null,
    embeddingScale: 1,
    residualScale: 1,
    logitScale: 1,
    logitSoftCap: null,
    ...settings,
    rope,
    layers: describeLayers(sizes.layerCount, rope, {
      window: window ?? null,
      contextLength,
      layerRule,
      localRope,
    }),
    isOutputTied: !file.tensors.has(tensorNames.output),
    biases: findBiases(split, sizes.layerCount),
  }
  checkTensors(split, model)
  return model
}

const epsilonKeys = { rms: 'layer_norm_rms_epsilon', layer: 'layer_norm_epsilon' } as const

/** Throws `model-unsupported` for an architecture that cannot be run. */
function architectureOf(file: GgufFile): Architecture {
  const name = optionalText(file, 'general.architecture')
  if (name === undefined) throw malformedMetadata(file, 'general.architecture', 'text')
  const found = architectures.get(name)
  if (found !== undefined) return found
  throw unsupportedModel(file, modelProblem('architecture', { name }), [...architectures.keys()].join(', '))
}

/** Throws `model-unsupported` for a feature that no architecture has here. */
function refuseOtherFeatures(file: GgufFile, architecture: string): void {
  if ((optionalNumber(file, 'split.count') ?? 1) > 1) {
    throw unsupportedModel(
      file,
      modelProblem('several-files'),
      'a model in one file (llama-gguf-split --merge)',
    )
  }
  if ((optionalNumber(file, `${architecture}.expert_count`) ?? 0) > 0) {
    throw unsupportedModel(file, modelProblem('experts'), 'one feed-forward part a block')
  }
  if (optionalFlag(file, `${architecture}.attention.causal`) === false) {
    throw unsupportedModel(file, modelProblem('later-tokens'), 'causal attention')
  }
  if (optionalFlag(file, `${architecture}.use_parallel_residual`) === true) {
    throw unsupportedModel(file, modelProblem('parallel-parts'), 'one after the other')
  }
}

/** A window that the architecture does not have would be left out without a word. */
function refuseWindow(file: GgufFile, architecture: string, contextLength: number): void {
  const window = optionalNumber(file, `${architecture}.attention.sliding_window`) ?? 0
  if (window === 0 || window >= contextLength) return
  throw unsupportedModel(
    file,
    modelProblem('window', { count: window }),
    `the architecture '${architecture}' without it`,
  )
}

interface LayerSettings {
  readonly window: number | null
  readonly contextLength: number
  readonly layerRule: ArchitectureSettings['layerRule'] | undefined
  readonly localRope: ArchitectureSettings['localRope'] | undefined
}

/** Where a file names no window, layers that would see one are like those that see all. */
function describeLayers(
  layerCount: number,
  rope: RopeDescription,
  settings: LayerSettings,
): LayerDescription[] {
  const { window, contextLength, layerRule, localRope } = settings
  const ropes = { global: rope, local: { ...rope, ...localRope }, none: null }
  return Array.from({ length: layerCount }, (_, layer) => {
    const kind = layerRule?.(layer) ?? { sees: 'all', rope: 'global' }
    if (kind.sees === 'all') return { window: null, rope: ropes[kind.rope] }
    if (window === null) return { window: null, rope }
    return { window: window < contextLength ? window : null, rope: ropes[kind.rope] }
  })
}

function readVocabularySize(file: GgufFile): number {
  const [rows] = requireTensor(file, tensorNames.embedding).shape
  const tokens = optionalArray(file, 'tokenizer.ggml.tokens')
  if (tokens && tokens.items.length !== rows) {
    throw malformedMetadata(file, 'tokenizer.ggml.tokens', `an entry for each of ${rows} embedding rows`)
  }
  return rows
}
