import type { RopeDescription } from '../model/description.js'
import type { Tensors } from '../runtime/device.js'
import { float32Tensor } from './matrix-tensors.js'
import { ropeTables } from './rope-tables.js'

/** The `cosines` and `sines` that a block's graph takes, computed anew only when they have to be longer. */
export class RopeTensors {
  readonly #rope: RopeDescription
  #tensors: Tensors = {}
  #positions = 0

  constructor(rope: RopeDescription) {
    this.#rope = rope
  }

  /** Tables of at least `positions` positions, each of shape [positions, dimensions / 2]. */
  atLeast(positions: number): Tensors {
    if (positions > this.#positions) {
      this.#positions = Math.max(positions, 2 * this.#positions)
      const { cosines, sines } = ropeTables(this.#rope, this.#positions)
      const shape = [this.#positions, this.#rope.dimensions / 2]
      this.#tensors = { cosines: float32Tensor(cosines, shape), sines: float32Tensor(sines, shape) }
    }
    return this.#tensors
  }
}
