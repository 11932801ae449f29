import type { BlockWeights, LoadedModel } from '../engine/loaded-model.js'
import { matrixBytes } from '../engine/matrix-bytes.js'
import { bytesUnpackedAtOnce } from '../engine/unpacked-weights.js'
import { linearNames, linearShape, type ModelDescription } from '../model/description.js'
import type { TrainJob } from '../schema/job.js'
import type { MemoryItemName, MemoryPlan } from '../schema/memory-plan.js'

/** What the memory of a run depends on, besides the model. */
export interface MemoryDemand {
  readonly estimator: 'probes' | 'gradients'
  /** Layers first … end − 1 are trained. */
  readonly firstLayer: number
  /** Layers 0 … this − 1 are read from the file each time. */
  readonly streamedLayers: number
  /** Bytes of the trained numbers, their gradients and the update rule's memory. */
  readonly stateBytes: number
  /** Tokens, padding and copies included, of the largest run of a block. */
  readonly tokensPerRun: number
  readonly longestSequence: number
  /** How what enters each block is kept for exact gradients. */
  readonly keptStates: TrainJob['keptStates']
  /** Whether the whole vocabulary is scored, and not a few labels. */
  readonly scoresVocabulary: boolean
  /** Tokens of all rows, and how many rows there are. */
  readonly dataTokens: number
  readonly dataRows: number
}

/** Node, onnxruntime and our code; then each entry of the vocabulary with its merges. Measured with an empty job. */
const programBytes = 112e6
const bytesPerVocabularyEntry = 620
const bytesPerRow = 420

/** Attention weights that a chunk of queries may take, times the tensors of that size that live at once. */
const attentionBytes = 6 * 16 * 2 ** 20

/**
 * Bytes that a run needs at its peak, by item: arithmetic over what the run allocates, nothing is measured.
 *
 * Activations are what is alive at once in a block's graph, in tensors [tokens, width] and [tokens, feed-forward width];
 * going backward, the block's values and their gradients, and a linear's weight unpacked.
 */
export function planMemory(model: LoadedModel, demand: MemoryDemand): MemoryPlan {
  const { description, blocks, output } = model
  const { width, vocabularySize, layerCount } = description
  const sizes: readonly (readonly [MemoryItemName, number])[] = [
    ['program', programBytes + vocabularySize * bytesPerVocabularyEntry],
    ['weights', sumOf(blocks.slice(demand.streamedLayers).map(({ stored }) => stored.byteLength))],
    ['streamed-layer', Math.max(0, ...blocks.slice(0, demand.streamedLayers).map(streamedBytes))],
    ['embedding', demand.scoresVocabulary ? vocabularySize * matrixBytes(output.firstRow) : 0],
    ['trained-numbers', demand.stateBytes],
    [
      'kept-states',
      demand.estimator === 'gradients'
        ? demand.tokensPerRun * width * keptBytesPerNumber(demand, layerCount)
        : 0,
    ],
    ['activations', activationBytes(description, demand)],
    ['head', demand.scoresVocabulary ? headBytes(description, demand) : 0],
    ['rows', 5 * demand.dataTokens + bytesPerRow * demand.dataRows],
  ]
  const items = sizes.map(([name, bytes]) => ({ name, bytes: Math.round(bytes) }))
  return { items, totalBytes: items.reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** Of all trained layers together; but for floats, one state is unpacked or read at a time. */
function keptBytesPerNumber({ keptStates, firstLayer }: MemoryDemand, layerCount: number): number {
  const bytes = { float32: 4, int16: 2 + 4 / 32, int8: 1 + 4 / 32, file: 0 }[keptStates]
  return bytes * (layerCount - firstLayer) + (keptStates === 'float32' ? 0 : 4)
}

/** A layer that is read each time: its matrices, and the bytes of the next one on their way from the file. */
function streamedBytes({ stored }: BlockWeights): number {
  return stored.byteLength + stored.fileBytes
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0)
}

function activationBytes(model: ModelDescription, demand: MemoryDemand): number {
  const { tokensPerRun, longestSequence, estimator } = demand
  const { width, feedForwardWidth, headCount } = model
  const shapes = linearNames.map((name) => linearShape(model, name))
  const unpacked = 4 * Math.max(...shapes.map(({ rows, columns }) => rows * columns))
  const tensors = (ofWidth: number, ofFeedForward: number): number =>
    4 * tokensPerRun * (ofWidth * width + ofFeedForward * feedForwardWidth)
  const forward = tensors(7, 3) + unpacked
  if (estimator === 'probes') return forward
  const attention = Math.min(attentionBytes, 6 * 4 * tokensPerRun * longestSequence * headCount)
  return tensors(18, 6) + Math.max(2 * unpacked, bytesUnpackedAtOnce(model)) + attention
}

/** Vocabulary rows and tokens of one run of the head; `VocabularyHead` bounds them. */
function headBytes({ width }: ModelDescription, { estimator }: MemoryDemand): number {
  const logits = 4 * 256 * 8192
  return (estimator === 'gradients' ? 4 : 2) * logits + 4 * 8192 * width
}
