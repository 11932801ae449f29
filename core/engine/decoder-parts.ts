import type { DecoderPart } from '../graph/decoder-graph.js'
import type { LoadedModel } from './loaded-model.js'
import { matrixBytes } from './matrix-bytes.js'

/**
 * Weights of one session. A graph is serialized, parsed and packed on its way in, each time with a copy, and ONNX ends at
 * 2 GB; but every session has threads of its own, so a few large ones are better than many.
 */
export const bytesPerPart = 256 * 2 ** 20

/** Divides the blocks of a model into parts of moderate size, in order; the output matrix is in the last. */
export function decoderParts(model: LoadedModel, limit: number): DecoderPart[] {
  const { layerCount } = model.description
  const parts: DecoderPart[] = []
  let firstLayer = 0
  let bytes = 0
  model.blocks.forEach(({ stored }, layer) => {
    const blockBytes = stored.byteLength
    if (layer > firstLayer && bytes + blockBytes > limit) {
      parts.push({ firstLayer, endLayer: layer, hasHead: false })
      firstLayer = layer
      bytes = 0
    }
    bytes += blockBytes
  })
  const { vocabularySize } = model.description
  const hasHead = bytes + vocabularySize * matrixBytes(model.output.firstRow) <= limit
  parts.push({ firstLayer, endLayer: layerCount, hasHead })
  if (!hasHead) parts.push({ firstLayer: layerCount, endLayer: layerCount, hasHead: true })
  return parts
}
