/**
 * Memory for one batch at a time, kept between batches: garbage of this size would pile up outside the JavaScript heap, where
 * the collector hardly sees it.
 */
export class ReusedBuffer {
  #memory = new Float32Array(0)

  /** The first `length` floats, with whatever is in them; valid until the next call. */
  take(length: number): Float32Array {
    if (this.#memory.length < length) this.#memory = new Float32Array(length)
    return this.#memory.subarray(0, length)
  }
}

/** Several such memories, by name, for what one batch needs at the same time. */
export class ReusedBuffers {
  readonly #buffers = new Map<string, ReusedBuffer>()

  /** As `ReusedBuffer.take`, in the memory called `name`. */
  take(name: string, length: number): Float32Array {
    const buffer = this.#buffers.get(name) ?? new ReusedBuffer()
    this.#buffers.set(name, buffer)
    return buffer.take(length)
  }
}
