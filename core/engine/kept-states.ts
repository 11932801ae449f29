import { ReusedBuffers } from './reused-buffer.js'

/**
 * What enters each block, kept from the forward pass until its backward pass recomputes the block from it. Memory: one state
 * a layer, the same for every batch.
 */
export class KeptStates {
  readonly #buffers = new ReusedBuffers()
  readonly #capacity: number

  /** @param capacity numbers of an ordinary state; memory is taken for that many at once, so that none is outgrown */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  keep(layer: number, state: Float32Array): void {
    this.#buffers.take(String(layer), Math.max(state.length, this.#capacity)).set(state)
  }

  /** The state of `layer`, `length` numbers, as it was kept. */
  of(layer: number, length: number): Float32Array {
    return this.#buffers.take(String(layer), length)
  }
}
