import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile } from '../formats/gguf/gguf-file.js'
import { checkTensors, findBiases, requireTensor } from './check-tensors.js'
import { describeRope } from './describe-rope.js'
import type { ModelDescription } from './description.js'
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
import { tensorNames } from './tensor-names.js'

/** The architectures that can be run, by `general.architecture`. */
export const supportedArchitectures = ['llama'] as const

/**
 * Reads everything that decides a model's graphs, and checks that all its tensors are there with the right shapes.
 * The architecture `llama` covers Llama 1 to 3, SmolLM2 and Mistral.
 *
 * @param source the file itself, for the rope frequency factors, which are a tensor
 * @throws EngineError `model-malformed` (naming the metadata or tensor), `model-unsupported` (naming the feature)
 */
export function describeModel(file: GgufFile, source: ByteSource): ModelDescription {
  checkArchitecture(file)
  const sizes = readSizes(file)
  const model: ModelDescription = {
    architecture: 'llama',
    name: optionalText(file, 'general.name') ?? '',
    ...sizes,
    vocabularySize: readVocabularySize(file),
    contextLength: positiveCount(file, 'llama.context_length'),
    normEpsilon: positiveNumber(file, 'llama.attention.layer_norm_rms_epsilon'),
    rope: describeRope(file, source, sizes.headWidth),
    isOutputTied: !file.tensors.has(tensorNames.output),
    biases: findBiases(file, sizes.layerCount),
  }
  checkTensors(file, model)
  return model
}

/** Throws `model-unsupported` for another architecture, or for a feature of this one that cannot be run. */
function checkArchitecture(file: GgufFile): void {
  const architecture = optionalText(file, 'general.architecture')
  if (architecture === undefined) throw malformedMetadata(file, 'general.architecture', 'text')
  if (!(supportedArchitectures as readonly string[]).includes(architecture)) {
    throw unsupportedModel(file, `the architecture '${architecture}'`, supportedArchitectures.join(', '))
  }
  if ((optionalNumber(file, 'split.count') ?? 1) > 1) {
    throw unsupportedModel(file, 'several files', 'a model in one file (llama-gguf-split --merge)')
  }
  if ((optionalNumber(file, 'llama.expert_count') ?? 0) > 0) {
    throw unsupportedModel(file, 'a mixture of experts', 'one feed-forward part a block')
  }
  if (optionalFlag(file, 'llama.attention.causal') === false) {
    throw unsupportedModel(file, 'attention to later tokens', 'causal attention')
  }
}

type Sizes = Pick<
  ModelDescription,
  'layerCount' | 'width' | 'headCount' | 'kvHeadCount' | 'headWidth' | 'feedForwardWidth'
>

function readSizes(file: GgufFile): Sizes {
  const layerCount = readLayerCount(file)
  const width = positiveCount(file, 'llama.embedding_length')
  const headCount = sameInEveryLayer(file, 'llama.attention.head_count')
  const kvHeadCount = sameInEveryLayer(file, 'llama.attention.head_count_kv', headCount)
  if (headCount % kvHeadCount !== 0) {
    throw malformedMetadata(file, 'llama.attention.head_count_kv', `a divisor of ${headCount} heads`)
  }
  const headWidth = readHeadWidth(file, width, headCount)
  const feedForwardWidth = sameInEveryLayer(file, 'llama.feed_forward_length')
  return { layerCount, width, headCount, kvHeadCount, headWidth, feedForwardWidth }
}

/** Every block has tensors, so their number bounds the number of blocks. */
function readLayerCount(file: GgufFile): number {
  const layerCount = positiveCount(file, 'llama.block_count')
  if (layerCount > file.tensors.size) {
    throw malformedMetadata(
      file,
      'llama.block_count',
      `fewer blocks than the file's ${file.tensors.size} tensors`,
    )
  }
  return layerCount
}

function readHeadWidth(file: GgufFile, width: number, headCount: number): number {
  const headWidth = positiveCount(
    file,
    'llama.attention.key_length',
    Math.max(1, Math.floor(width / headCount)),
  )
  if (!file.metadata.has('llama.attention.key_length') && width % headCount !== 0) {
    throw malformedMetadata(file, 'llama.attention.head_count', `a divisor of the width ${width}`)
  }
  const valueWidth = positiveCount(file, 'llama.attention.value_length', headWidth)
  if (valueWidth !== headWidth) {
    throw unsupportedModel(file, `keys of width ${headWidth} with values of ${valueWidth}`, 'equal widths')
  }
  return headWidth
}

/** A count that some files give once for each layer. */
function sameInEveryLayer(file: GgufFile, key: string, whenMissing?: number): number {
  if (file.metadata.get(key)?.type !== 'array') return positiveCount(file, key, whenMissing)
  const counts = new Set(optionalArray(file, key)?.items)
  if (counts.size !== 1) throw unsupportedModel(file, `'${key}' that differs between layers`, 'one value')
  const [count] = counts
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) {
    throw malformedMetadata(file, key, 'whole numbers from 1')
  }
  return count
}

function readVocabularySize(file: GgufFile): number {
  const [rows] = requireTensor(file, tensorNames.embedding).shape
  const tokens = optionalArray(file, 'tokenizer.ggml.tokens')
  if (tokens && tokens.items.length !== rows) {
    throw malformedMetadata(file, 'tokenizer.ggml.tokens', `an entry for each of ${rows} embedding rows`)
  }
  return rows
}
