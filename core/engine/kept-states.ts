import { packedState, packState, unpackState, type PackedState } from './packed-state.js'
import { ReusedBuffer, ReusedBuffers } from './reused-buffer.js'
import { ScratchFile } from '../formats/scratch-file.js'

/**
 * What enters each block, kept from the forward pass until its backward pass recomputes the block from it: one state a layer,
 * the same room for every batch.
 */
export interface KeptStates {
  keep(layer: number, state: Float32Array): void
  /** The state that was kept of a layer, which has `length` numbers; valid until the next call. */
  take(layer: number, length: number): Float32Array
  close(): void
}

/**
 * How a state is kept in memory: in 4, 2.1 or 1.1 bytes a number. Of SmolLM2's whole gradient that changes 1e-4 (int16) or
 * 3e-2 (int8, cosine 0.9995), measured on SST-2.
 */
export type StateFormat = 'float32' | 'int16' | 'int8'

/** @param capacity numbers of an ordinary state; memory is taken for that many at once, so that none is outgrown */
export function statesInMemory(format: StateFormat, capacity: number): KeptStates {
  return format === 'float32' ? floatStates(capacity) : packedStates(format, capacity)
}

/**
 * Kept exactly, in a file that is removed at the end.
 *
 * @throws EngineError 'file-unwritable', from here and from `keep`
 */
export function statesInFile(path: string): KeptStates {
  const advice = 'free space there or keep them in memory'
  const file = new ScratchFile(path, { content: 'file of kept states', advice })
  const buffer = new ReusedBuffer()
  // All states of a run are of one length, so a layer's place follows from its own.
  return {
    keep: (layer, state) => file.write(state, layer * state.byteLength),
    take: (layer, length) => {
      const state = buffer.take(length)
      file.read(state, layer * state.byteLength)
      return state
    },
    close: () => file.close(),
  }
}

function floatStates(capacity: number): KeptStates {
  const buffers = new ReusedBuffers()
  return {
    keep: (layer, state) => buffers.take(String(layer), Math.max(state.length, capacity)).set(state),
    take: (layer, length) => buffers.take(String(layer), length),
    close: () => undefined,
  }
}

function packedStates(format: 'int16' | 'int8', capacity: number): KeptStates {
  const byLayer = new Map<number, PackedState>()
  const buffer = new ReusedBuffer()
  const memory = (layer: number, length: number): PackedState => {
    const known = byLayer.get(layer)
    if (known !== undefined && known.codes.length >= length) return known
    const packed = packedState(format, Math.max(length, capacity))
    byLayer.set(layer, packed)
    return packed
  }
  return {
    keep: (layer, state) => packState(state, memory(layer, state.length)),
    take: (layer, length) => {
      const state = buffer.take(length)
      unpackState(memory(layer, length), state)
      return state
    },
    close: () => undefined,
  }
}
