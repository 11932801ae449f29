import { signPatterns, signProducts } from '../random/sign-patterns.js'
import type { ProbeDirections } from '../schema/probe-directions.js'
import { expUnits, roundAway } from './log-state.js'
import type { ScaleArrays } from './scale-arrays.js'
import type { DirectedScales, DirectionDraw, ScaleDirections } from './scale-directions.js'

/**
 * Z = U Vᵀ / √r for scales of shape [rows, blocks], U [rows, r] and V [blocks, r] of ±1; U of the step and lane, V of its
 * basis. Over all U, E[⟨G, Z⟩ Z] = G V Vᵀ / r, what V sees of a gradient G, and over all V that is G itself; the mean square of
 * Z's numbers is 1. Z √r is whole, so that moves are exact, and of rank r at most as long as V stays.
 *
 * Nothing is kept: a row and a column take a byte of Philox each time.
 *
 * Source: LOZO, arXiv:2410.07698, with its lazy V; Gaussian factors and no 1 / √r there.
 */
export class LowRankDirections implements ScaleDirections {
  readonly #memory: ScaleArrays
  readonly #scales: DirectedScales
  readonly #products: Int8Array
  readonly #rank: number

  constructor(
    memory: ScaleArrays,
    scales: DirectedScales,
    { rank }: ProbeDirections & { readonly kind: 'low-rank' },
  ) {
    this.#memory = memory
    this.#scales = scales
    this.#products = signProducts(rank)
    this.#rank = rank
  }

  probe(draw: DirectionDraw, units: number): Float32Array {
    const { array, probedIndex } = this.#scales
    const { scales } = array
    const unit = this.#unit(units)
    const factors = Float32Array.from(this.#products, (product) => expUnits(unit * product))
    const probed = this.#memory.probed(probedIndex, scales.length)
    const { rows, columns } = this.#patterns(draw)
    for (let row = 0, i = 0; row < rows.length; row++) {
      for (let column = 0; column < columns.length; column++, i++) {
        probed[i] = scales[i] * factors[rows[row] ^ columns[column]]
      }
    }
    return probed
  }

  move(draw: DirectionDraw, units: number): void {
    const { units: state } = this.#scales.array
    const unit = this.#unit(units)
    const distances = Int32Array.from(this.#products, (product) => unit * product)
    const { rows, columns } = this.#patterns(draw)
    for (let row = 0, i = 0; row < rows.length; row++) {
      for (let column = 0; column < columns.length; column++, i++) {
        state[i] += distances[rows[row] ^ columns[column]]
      }
    }
  }

  /** What a product of 1 stands for. */
  #unit(units: number): number {
    return roundAway(units / Math.sqrt(this.#rank))
  }

  #patterns({ seed, lane, basis }: DirectionDraw) {
    const { name, shape } = this.#scales
    const mask = 2 ** this.#rank - 1
    return {
      rows: signPatterns(shape[0], seed, `${name}.rows`, lane).map((pattern) => pattern & mask),
      columns: signPatterns(shape[1], basis, `${name}.columns`).map((pattern) => pattern & mask),
    }
  }
}
