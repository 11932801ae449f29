import { packedState, packState, unpackState, type PackedState } from './packed-state.js'
import { ReusedBuffer, ReusedBuffers } from './reused-buffer.js'

/**
 * How a state is kept: 4, 2.1 or 1.1 bytes a number. Of SmolLM2's whole gradient that changes 1e-4 (int16) or 3e-2 (int8,
 * cosine 0.9995), measured on SST-2.
 */
export type StateFormat = 'float32' | 'int16' | 'int8'

/**
 * What enters each block, kept from the forward pass until its backward pass recomputes the block from it. Memory: one state
 * a layer, the same for every batch.
 */
export class KeptStates {
  readonly #format: StateFormat
  readonly #capacity: number
  readonly #floats = new ReusedBuffers()
  readonly #packed = new Map<number, PackedState>()
  readonly #unpacked = new ReusedBuffer()

  /** @param capacity numbers of an ordinary state; memory is taken for that many at once, so that none is outgrown */
  constructor(format: StateFormat, capacity: number) {
    this.#format = format
    this.#capacity = capacity
  }

  keep(layer: number, state: Float32Array): void {
    const length = Math.max(state.length, this.#capacity)
    if (this.#format === 'float32') {
      this.#floats.take(String(layer), length).set(state)
      return
    }
    const known = this.#packed.get(layer)
    const packed =
      known !== undefined && known.codes.length >= state.length ? known : packedState(this.#format, length)
    this.#packed.set(layer, packed)
    packState(state, packed)
  }

  /** The state that was kept of a layer, `length` numbers; valid until the next call. */
  take(layer: number, length: number): Float32Array {
    const packed = this.#packed.get(layer)
    if (packed === undefined) return this.#floats.take(String(layer), length)
    const state = this.#unpacked.take(length)
    unpackState(packed, state)
    return state
  }
}
