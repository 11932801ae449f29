import type { BlockWeights, LoadedModel } from '../engine/loaded-model.js'
import { matrixBytes } from '../engine/matrix-bytes.js'
import { looksTableUp } from '../engine/stored-block.js'
import type { MemoryItemName, MemoryPlan } from '../schema/memory-plan.js'
import { backwardBytes, forwardBytes, hiddenBytes } from './block-bytes.js'
import { deviceBytes, placesShare, scoredBytes } from './device-bytes.js'
import type { MemoryDemand } from './memory-demand.js'

/** Node, onnxruntime and our code; then each entry of the vocabulary with its merges. Measured with an empty job. */
export const programBytes = 128e6
export const bytesPerVocabularyEntry = 620
/** Of a row beside its tokens: about 105 bytes are held, and the heap keeps room around them. Measured with a million rows. */
export const bytesPerRow = 220

/** The same for backward passes, whose tensors are of many sizes. Measured. */
const backwardPlacesShare = 1.4
/** The same for forward passes whose tensors the allocator keeps in one heap: of few sizes, they fit worse. Measured. */
const heapPlacesShare = 2.2
/** Tensors of hidden states here while blocks run on a device: two in turn, embedded ones and those that come back. */
const statesOfDevice = 4
/** Larger tensors are mapped, and given back at once; set by the first line of `bin/zerotune.js`. */
const mappedBytes = 10e6

/**
 * Bytes that a run needs at its peak, by item: arithmetic over what the run allocates. A block, the head and writing down the state
 * take turns. What a backward pass frees is large enough for the head, which then stands for what it needs beyond; without
 * one the allocator keeps places for both. Of what runs on a device with memory of its own, only hidden states are here.
 */
export function planMemory(model: LoadedModel, demand: MemoryDemand): MemoryPlan {
  const { description, blocks, output } = model
  const { vocabularySize } = description
  const { processorLayers, isKept } = demand
  const scoresVocabulary = demand.scoredTokens > 0
  const activations = Math.max(activationBytes(model, demand), demand.savedBytes)
  const head = processorLayers === null ? scoredBytes(model, demand) : 0
  const [kept, read] = parted(blocks, (_, layer) => isKept(layer))
  const sizes: readonly (readonly [MemoryItemName, number])[] = [
    ['program', programBytes + vocabularySize * bytesPerVocabularyEntry],
    ['weights', sumOf(kept.map(({ stored }) => stored.byteLength))],
    ['streamed-layer', Math.max(0, ...read.map(streamedBytes))],
    ['embedding', scoresVocabulary ? vocabularySize * matrixBytes(output.firstRow) : 0],
    ['trained-numbers', demand.stateBytes],
    ['kept-states', keptBytes(demand, description)],
    ['activations', activations],
    ['head', demand.backward === null ? head : Math.max(0, head - activations)],
    ['rows', 5 * demand.dataTokens + bytesPerRow * demand.dataRows],
  ]
  const items = sizes.map(([name, bytes]) => ({ name, bytes: Math.round(bytes) }))
  const totalBytes = items.reduce((sum, { bytes }) => sum + bytes, 0)
  if (processorLayers === null) return { items, totalBytes }
  return { items, totalBytes, deviceBytes: deviceBytes(model, { ...demand, processorLayers }) }
}

/** Of the blocks that run here, and places that were freed. */
function activationBytes({ description, blocks }: LoadedModel, demand: MemoryDemand): number {
  const { processorLayers, firstLayer } = demand
  const here = processorLayers ?? description.layerCount
  const hidden = hiddenBytes(description, demand.forward)
  const looksUp = blocks.some(({ stored }) => looksTableUp(stored))
  const forward = here > 0 ? forwardBytes(description, demand.forward, looksUp) : statesOfDevice * hidden
  const hasBackward = demand.backward !== null && here > firstLayer
  const backward = hasBackward ? backwardBytes(description, demand.backward, demand.precision, looksUp) : 0
  const isHeaped = demand.backward === null && hidden < mappedBytes
  return Math.max((isHeaped ? heapPlacesShare : placesShare) * forward, backwardPlacesShare * backward)
}

/** Of all trained layers together; but for floats, one state is unpacked or read at a time. */
function keptBytes(
  { backward, keptStates, firstLayer, processorLayers }: MemoryDemand,
  { width, layerCount }: LoadedModel['description'],
): number {
  if (backward === null) return 0
  // Exact ones stay on the device that computed them.
  const end = keptStates === 'float32' ? (processorLayers ?? layerCount) : layerCount
  const bytes = { float32: 4, int16: 2 + 4 / 32, int8: 1 + 4 / 32, file: 0 }[keptStates]
  return (
    backward.tokens * width * (bytes * Math.max(0, end - firstLayer) + (keptStates === 'float32' ? 0 : 4))
  )
}

/** A layer that is read each time: its matrices, and the bytes of the next one on their way from the file. */
function streamedBytes({ stored }: BlockWeights): number {
  return stored.byteLength + stored.fileBytes
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0)
}

/** Those that pass a test, and the others. */
function parted<T>(items: readonly T[], test: (item: T, index: number) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item, index) => !test(item, index))]
}
