import { TensorSigns } from '../random/tensor-signs.js'
import { expUnits } from './log-state.js'
import type { ScaleArrays } from './scale-arrays.js'
import type { DirectedScales, DirectionDraw, ScaleDirections } from './scale-directions.js'

/** ±1 for every number by itself: any direction of the cube, and moves by whole units only. */
export class SignDirections implements ScaleDirections {
  readonly #memory: ScaleArrays
  readonly #scales: DirectedScales
  readonly #signs: TensorSigns

  constructor(memory: ScaleArrays, scales: DirectedScales) {
    this.#memory = memory
    this.#scales = scales
    this.#signs = new TensorSigns(scales.name, scales.array.units.length)
  }

  probe({ seed, lane }: DirectionDraw, units: number): Float32Array {
    const { probedIndex, array } = this.#scales
    const words = this.#signs.words(seed, lane)
    return this.#memory.probe(probedIndex, array, words, expUnits(units), expUnits(-units))
  }

  move({ seed, lane }: DirectionDraw, units: number): void {
    this.#memory.move(this.#scales.array, this.#signs.words(seed, lane), units)
  }
}
