import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { isReadableType } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import type { ModelSummary } from '../schema/model-summary.js'
import { describeModel } from './describe-model.js'
import type { ModelDescription, RopeDescription } from './description.js'
import { summarizeTraining } from './summarize-training.js'
import { tensorNames } from './tensor-names.js'

/**
 * Sums up a model file, also one that cannot be run: then `reason` says why, and sizes come from its metadata alone.
 *
 * @throws EngineError `file-unreadable`
 */
export function summarizeModel(file: GgufFile, source: ByteSource): ModelSummary {
  const tensors = [...file.tensors.values()]
  const outcome = tryDescribing(file, source)
  const isDescribed = !(outcome instanceof EngineError)
  return {
    path: file.path,
    fileBytes: file.byteLength,
    format: file.readFrom ?? 'gguf',
    formatVersion: file.readFrom === undefined ? file.version : null,
    name: text(file, 'general.name'),
    architecture: text(file, 'general.architecture'),
    licence: text(file, 'general.license'),
    parameterCount: tensors.reduce((total, tensor) => total + elementCount(tensor), 0),
    ...(isDescribed ? sizesOf(outcome) : sizesInMetadata(file)),
    rope: isDescribed ? summarizeRope(outcome.rope) : null,
    isOutputTied: !file.tensors.has(tensorNames.output),
    tensorTypes: summarizeTypes(tensors),
    packing: file.packedOrigin ?? null,
    tokenizer: { model: text(file, 'tokenizer.ggml.model'), pre: text(file, 'tokenizer.ggml.pre') },
    hasChatTemplate: file.metadata.has('tokenizer.chat_template'),
    ...summarizeTraining(file, outcome),
  }
}

type Sizes = Pick<
  ModelSummary,
  | 'layerCount'
  | 'width'
  | 'feedForwardWidth'
  | 'headCount'
  | 'kvHeadCount'
  | 'headWidth'
  | 'contextLength'
  | 'vocabularySize'
>

function tryDescribing(file: GgufFile, source: ByteSource): ModelDescription | EngineError {
  try {
    return describeModel(file, source)
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code === 'file-unreadable') throw thrown
    return thrown as EngineError
  }
}

function sizesOf(model: ModelDescription): Sizes {
  const { layerCount, width, feedForwardWidth, headCount, kvHeadCount, headWidth } = model
  const { contextLength, vocabularySize } = model
  return {
    layerCount,
    width,
    feedForwardWidth,
    headCount,
    kvHeadCount,
    headWidth,
    contextLength,
    vocabularySize,
  }
}

/** Every architecture uses the same words for its sizes. */
function sizesInMetadata(file: GgufFile): Sizes {
  const architecture = text(file, 'general.architecture') ?? ''
  const tokens = file.metadata.get('tokenizer.ggml.tokens')
  return {
    layerCount: count(file, `${architecture}.block_count`),
    width: count(file, `${architecture}.embedding_length`),
    feedForwardWidth: count(file, `${architecture}.feed_forward_length`),
    headCount: count(file, `${architecture}.attention.head_count`),
    kvHeadCount: count(file, `${architecture}.attention.head_count_kv`),
    headWidth: count(file, `${architecture}.attention.key_length`),
    contextLength: count(file, `${architecture}.context_length`),
    vocabularySize: tokens?.type === 'array' ? tokens.value.items.length : null,
  }
}

function summarizeRope(rope: RopeDescription): NonNullable<ModelSummary['rope']> {
  const { base, dimensions, positionScale, frequencyFactors } = rope
  const scaling = frequencyFactors ? 'frequency-factors' : positionScale === 1 ? 'none' : 'linear'
  return { base, dimensions, scaling, positionScale }
}

/** Tensors by their types, those with most bytes first. */
export function summarizeTypes(tensors: readonly GgufTensor[]): ModelSummary['tensorTypes'] {
  const names = [...new Set(tensors.map((tensor) => tensor.type))]
  const summaries = names.map((type) => {
    const members = tensors.filter((tensor) => tensor.type === type)
    return {
      type,
      isSupported: isReadableType(type),
      tensorCount: members.length,
      parameterCount: members.reduce((total, tensor) => total + elementCount(tensor), 0),
      bytes: members.reduce((total, tensor) => total + tensor.byteLength, 0),
    }
  })
  return summaries.toSorted((left, right) => right.bytes - left.bytes)
}

function elementCount(tensor: GgufTensor): number {
  return tensor.shape.reduce((product, length) => product * length, 1)
}

function text(file: GgufFile, key: string): string | null {
  const entry = file.metadata.get(key)
  return entry?.type === 'string' ? entry.value : null
}

function count(file: GgufFile, key: string): number | null {
  const entry = file.metadata.get(key)
  const value = typeof entry?.value === 'bigint' ? Number(entry.value) : entry?.value
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}
