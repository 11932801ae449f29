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
