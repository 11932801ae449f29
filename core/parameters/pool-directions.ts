import { numberPool, poolOffset, poolScale } from '../random/number-pool.js'
import { expUnits, roundAway } from './log-state.js'
import type { ScaleArrays } from './scale-arrays.js'
import { elementsAtOnce } from './scale-kernels.js'
import type { DirectedScales, DirectionDraw, ScaleDirections } from './scale-directions.js'

/**
 * The pool of a run, and what its numbers come to at the last probe and in the last move: once for all tensors, since these
 * differ in where they begin only. The table has the pool twice, so that any place is the start of a whole pool.
 */
export class PoolTable {
  readonly memory: ScaleArrays
  readonly size: number
  readonly #numbers: Float64Array
  #probedUnits: number | null = null
  #movedUnits: number | null = null

  /** @param memory with a table of `poolTableLength(size)` */
  constructor(memory: ScaleArrays, size: number) {
    this.memory = memory
    this.size = size
    const pool = numberPool(size)
    const scale = poolScale(pool)
    this.#numbers = Float64Array.from(pool, (value) => scale * value)
  }

  /** Sets the table's factors to exp(units · 2^−20 · z). */
  tabulateFactors(units: number): void {
    if (units === this.#probedUnits) return
    fillTwice(this.memory.table.factors, this.#numbers, (number) => expUnits(units * number))
    this.#probedUnits = units
  }

  /** Sets its distances to units · z, to the nearest whole number; −units is the way back. */
  tabulateDistances(units: number): void {
    if (units === this.#movedUnits) return
    const { distances } = this.memory.table
    fillTwice(distances, this.#numbers, (number) => roundAway(units * number))
    this.#movedUnits = units
  }
}

/** Numbers of the table of a pool: it twice, and what kernels take at once. */
export function poolTableLength(size: number): number {
  return 2 * size + elementsAtOnce
}

/**
 * z_i = α p[(o + i) mod N] of a pool p of N numbers, at a random offset o of each step, tensor and lane. α makes the mean
 * square of the pool 1: over any N neighbours, ‖z‖² = N exactly. Numbers N places apart are tied in every direction, so a
 * tensor moves in N dimensions at most; over all offsets, E[z_i z_j] is the pool's autocorrelation at j − i.
 *
 * Source: PeZO, arXiv:2504.20314, pre-generation with a rotating start, and adaptive scaling; there the offset goes on from
 * tensor to tensor, so that a whole step has only N directions to choose from.
 */
export class PoolDirections implements ScaleDirections {
  readonly #table: PoolTable
  readonly #scales: DirectedScales

  constructor(table: PoolTable, scales: DirectedScales) {
    this.#table = table
    this.#scales = scales
  }

  probe(draw: DirectionDraw, units: number): Float32Array {
    const { memory, size } = this.#table
    this.#table.tabulateFactors(units)
    return memory.probeAlong(this.#scales.probedIndex, this.#scales.array, this.#offset(draw), size)
  }

  move(draw: DirectionDraw, units: number): void {
    const { memory, size } = this.#table
    this.#table.tabulateDistances(units)
    memory.moveAlong(this.#scales.array, this.#offset(draw), size)
  }

  #offset({ seed, lane }: DirectionDraw): number {
    return poolOffset(this.#table.size, seed, this.#scales.name, lane)
  }
}

function fillTwice(
  target: Float32Array | Int32Array,
  numbers: Float64Array,
  of: (number: number) => number,
): void {
  for (let i = 0; i < numbers.length; i++) target[i] = target[numbers.length + i] = of(numbers[i])
}
