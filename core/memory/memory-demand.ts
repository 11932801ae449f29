import type { TrainJob } from '../schema/job.js'
import type { Precision } from '../schema/precision.js'
import type { BlockRun } from './block-bytes.js'

/** What the memory of a run depends on, besides the model. */
export interface MemoryDemand {
  readonly estimator: 'probes' | 'gradients'
  /** Layers first … end − 1 are trained. */
  readonly firstLayer: number
  /** Whether the weights of a layer stay in our memory; others are read from the file each time, or once for a device. */
  readonly isKept: (layer: number) => boolean
  /**
   * Layers 0 … this − 1 run on the processor, the others and the head on a device with memory of its own; null where
   * everything runs on the processor.
   */
  readonly processorLayers: number | null
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
