import type { RopeDescription } from '../model/description.js'
import type { Tensors } from '../runtime/device.js'
import { float32Tensor } from './matrix-tensors.js'
import { ropeTables } from './rope-tables.js'

interface Tables {
  readonly positions: number
  readonly tensors: Tensors
}

/** The `cosines` and `sines` that a block's graph takes, computed anew only when they have to be longer. */
export class RopeTensors {
  readonly #rope: RopeDescription
  #short: Tables = { positions: 0, tensors: {} }
  /** Of sequences that other factors are for. */
  #long: Tables = this.#short

  constructor(rope: RopeDescription) {
    this.#rope = rope
  }

  /** Tables of at least `positions` positions, for a sequence of that length, each of shape [positions, dimensions / 2]. */
  atLeast(positions: number): Tensors {
    const isLong = positions > (this.#rope.longFactors?.above ?? Infinity)
    const known = isLong ? this.#long : this.#short
    if (positions <= known.positions) return known.tensors
    const tables = this.#tables(Math.max(positions, 2 * known.positions), positions)
    if (isLong) this.#long = tables
    else this.#short = tables
    return tables.tensors
  }

  #tables(positions: number, length: number): Tables {
    const { cosines, sines } = ropeTables(this.#rope, positions, length)
    const shape = [positions, this.#rope.dimensions / 2]
    const tensors = { cosines: float32Tensor(cosines, shape), sines: float32Tensor(sines, shape) }
    return { positions, tensors }
  }
}
