import type { LoadedModel } from '../engine/loaded-model.js'
import { matrixBytes } from '../engine/matrix-bytes.js'
import { looksTableUp } from '../engine/stored-block.js'
import { backwardBytes, forwardBytes } from './block-bytes.js'
import { headBytes } from './head-bytes.js'
import type { MemoryDemand } from './memory-demand.js'

/** What tensors that come and go take, beside their own bytes, in places that were freed and that none fits into. Measured. */
export const placesShare = 1.25

/**
 * Bytes in the memory of a device: the weights of its layers, what enters them, a block's activations and the head. An
 * estimate: how the device's allocator rounds is its own.
 */
export function deviceBytes(
  model: LoadedModel,
  demand: MemoryDemand & { readonly processorLayers: number },
): number {
  const { description, blocks, output } = model
  const { backward, firstLayer, processorLayers, keptStates, scoredTokens } = demand
  const { vocabularySize, width, layerCount } = description
  const looksUp = blocks.some(({ stored }) => looksTableUp(stored))
  const activations = Math.max(
    forwardBytes(description, demand.forward, looksUp),
    backward === null ? 0 : backwardBytes(description, backward, demand.precision, looksUp),
  )
  const isKeptThere = backward !== null && keptStates === 'float32'
  const states = isKeptThere
    ? 4 * backward.tokens * width * (layerCount - Math.max(firstLayer, processorLayers))
    : 0
  const embedding = scoredTokens > 0 ? vocabularySize * matrixBytes(output.firstRow) : 0
  const weights = blocks.slice(processorLayers).reduce((sum, { stored }) => sum + stored.byteLength, 0)
  return Math.round(
    weights + states + embedding + placesShare * Math.max(activations, scoredBytes(model, demand)),
  )
}

/** Of losses over the whole vocabulary, where there are some. */
export function scoredBytes({ description }: LoadedModel, { estimator, scoredTokens }: MemoryDemand): number {
  return scoredTokens > 0 ? headBytes(description, estimator, scoredTokens) : 0
}
