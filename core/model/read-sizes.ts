import type { GgufFile } from '../formats/gguf/gguf-file.js'
import type { ArchitectureSizes } from './architectures/architecture.js'
import { malformedMetadata, optionalArray, positiveCount, unsupportedModel } from './metadata.js'
import { modelProblem } from '../schema/model-problems.js'

/**
 * The sizes that metadata under the prefix `architecture` gives.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for sizes that differ between layers, or between keys and values
 */
export function readSizes(file: GgufFile, architecture: string): ArchitectureSizes {
  const key = (name: string): string => `${architecture}.${name}`
  const layerCount = readLayerCount(file, key('block_count'))
  const width = positiveCount(file, key('embedding_length'))
  const headCount = sameInEveryLayer(file, key('attention.head_count'))
  const kvHeadCount = sameInEveryLayer(file, key('attention.head_count_kv'), headCount)
  if (headCount % kvHeadCount !== 0) {
    throw malformedMetadata(file, key('attention.head_count_kv'), `a divisor of ${headCount} heads`)
  }
  const headWidth = readHeadWidth(file, architecture, width, headCount)
  const feedForwardWidth = sameInEveryLayer(file, key('feed_forward_length'))
  return { layerCount, width, headCount, kvHeadCount, headWidth, feedForwardWidth }
}

/** Every block has tensors, so their number bounds the number of blocks. */
function readLayerCount(file: GgufFile, key: string): number {
  const layerCount = positiveCount(file, key)
  if (layerCount <= file.tensors.size) return layerCount
  throw malformedMetadata(file, key, `fewer blocks than the file's ${file.tensors.size} tensors`)
}

function readHeadWidth(file: GgufFile, architecture: string, width: number, headCount: number): number {
  const keyLength = `${architecture}.attention.key_length`
  const headWidth = positiveCount(file, keyLength, Math.max(1, Math.floor(width / headCount)))
  if (!file.metadata.has(keyLength) && width % headCount !== 0) {
    throw malformedMetadata(file, `${architecture}.attention.head_count`, `a divisor of the width ${width}`)
  }
  const valueWidth = positiveCount(file, `${architecture}.attention.value_length`, headWidth)
  if (valueWidth !== headWidth) {
    throw unsupportedModel(
      file,
      modelProblem('value-width', { count: headWidth, total: valueWidth }),
      'equal widths',
    )
  }
  return headWidth
}

/** A count that some files give once for each layer. */
function sameInEveryLayer(file: GgufFile, key: string, whenMissing?: number): number {
  if (file.metadata.get(key)?.type !== 'array') return positiveCount(file, key, whenMissing)
  const counts = new Set(optionalArray(file, key)?.items)
  if (counts.size !== 1)
    throw unsupportedModel(file, modelProblem('differing-layers', { name: key }), 'one value')
  const [count] = counts
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) {
    throw malformedMetadata(file, key, 'whole numbers from 1')
  }
  return count
}
