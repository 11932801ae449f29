import type { BlockWeights, LoadedModel } from '../engine/loaded-model.js'
import { matrixBytes } from '../engine/matrix-bytes.js'
import type { TrainJob } from '../schema/job.js'
import type { MemoryItemName, MemoryPlan } from '../schema/memory-plan.js'
import type { Precision } from '../schema/precision.js'
import { backwardBytes, forwardBytes, hiddenBytes, type BlockRun } from './block-bytes.js'
import { headBytes } from './head-bytes.js'

/** What the memory of a run depends on, besides the model. */
export interface MemoryDemand {
  readonly estimator: 'probes' | 'gradients'
  /** Layers first … end − 1 are trained. */
  readonly firstLayer: number
  /** Layers 0 … this − 1 are read from the file each time. */
  readonly streamedLayers: number
  /** Bytes of the trained numbers, their gradients and the update rule's memory. */
  readonly stateBytes: number
  /** Bytes of the largest copy that is made to write them down; nothing else is computed then. */
  readonly savedBytes: number
  readonly forward: BlockRun
  /** Null without gradients. */
  readonly backward: BlockRun | null
  /** Of products. */
  readonly precision: Precision
  /** How what enters each block is kept for exact gradients. */
  readonly keptStates: TrainJob['keptStates']
  /** Tokens of a run that the whole vocabulary is scored for; 0 where a few labels are. */
  readonly scoredTokens: number
  /** Tokens of rows that are kept in memory, and how many rows there are. */
  readonly dataTokens: number
  readonly dataRows: number
}

/** Node, onnxruntime and our code; then each entry of the vocabulary with its merges. Measured with an empty job. */
export const programBytes = 128e6
export const bytesPerVocabularyEntry = 620
/** Of a row beside its tokens: about 105 bytes are held, and the heap keeps room around them. Measured with a million rows. */
export const bytesPerRow = 220

/** What tensors that come and go take, beside their own bytes, in places that were freed and that none fits into. Measured. */
const placesShare = 1.25
/** The same for forward passes whose tensors the allocator keeps in one heap: of few sizes, they fit worse. Measured. */
const heapPlacesShare = 2.2
/** Larger tensors are mapped, and given back at once; set by the first line of `bin/zerotune.js`. */
const mappedBytes = 10e6

/**
 * Bytes that a run needs at its peak, by item: arithmetic over what the run allocates. A block, the head and writing down the state
 * take turns. What a backward pass frees is large enough for the head, which then stands for what it needs beyond; without
 * one the allocator keeps places for both.
 */
export function planMemory(model: LoadedModel, demand: MemoryDemand): MemoryPlan {
  const { description, blocks, output } = model
  const { vocabularySize } = description
  const scoresVocabulary = demand.scoredTokens > 0
  const forward = forwardBytes(description, demand.forward)
  const backward =
    demand.backward === null ? 0 : backwardBytes(description, demand.backward, demand.precision)
  const isHeaped = demand.backward === null && hiddenBytes(description, demand.forward) < mappedBytes
  const share = isHeaped ? heapPlacesShare : placesShare
  const activations = Math.max(share * Math.max(forward, backward), demand.savedBytes)
  const head = scoresVocabulary ? headBytes(description, demand.estimator, demand.scoredTokens) : 0
  const sizes: readonly (readonly [MemoryItemName, number])[] = [
    ['program', programBytes + vocabularySize * bytesPerVocabularyEntry],
    ['weights', sumOf(blocks.slice(demand.streamedLayers).map(({ stored }) => stored.byteLength))],
    ['streamed-layer', Math.max(0, ...blocks.slice(0, demand.streamedLayers).map(streamedBytes))],
    ['embedding', scoresVocabulary ? vocabularySize * matrixBytes(output.firstRow) : 0],
    ['trained-numbers', demand.stateBytes],
    ['kept-states', keptBytes(demand, description)],
    ['activations', activations],
    ['head', demand.backward === null ? head : Math.max(0, head - activations)],
    ['rows', 5 * demand.dataTokens + bytesPerRow * demand.dataRows],
  ]
  const items = sizes.map(([name, bytes]) => ({ name, bytes: Math.round(bytes) }))
  return { items, totalBytes: items.reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** Of all trained layers together; but for floats, one state is unpacked or read at a time. */
function keptBytes(
  { backward, keptStates, firstLayer }: MemoryDemand,
  { width, layerCount }: LoadedModel['description'],
): number {
  if (backward === null) return 0
  const bytes = { float32: 4, int16: 2 + 4 / 32, int8: 1 + 4 / 32, file: 0 }[keptStates]
  return backward.tokens * width * (bytes * (layerCount - firstLayer) + (keptStates === 'float32' ? 0 : 4))
}

/** A layer that is read each time: its matrices, and the bytes of the next one on their way from the file. */
function streamedBytes({ stored }: BlockWeights): number {
  return stored.byteLength + stored.fileBytes
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0)
}
