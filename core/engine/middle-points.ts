/** The zero point of 4-bit codes whose type has none: the middle of their range. */
const middle = 8

/** Zero points for matrices whose type has none. All of them are equal, so one memory serves every matrix. */
export class MiddlePoints {
  #memory = new Float32Array(0)

  /** One for each of `blocks` blocks; to be read only. */
  of(blocks: number): Float32Array {
    if (this.#memory.length < blocks) this.#memory = new Float32Array(blocks).fill(middle)
    return this.#memory.subarray(0, blocks)
  }
}
