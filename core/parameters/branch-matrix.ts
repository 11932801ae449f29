import { signAt } from '../random/directions.js'
import { TensorSigns } from '../random/tensor-signs.js'
import { roundAway, unitOfLogScale } from './log-state.js'

/** What a matrix is, and how far a step moves it. */
export interface BranchMatrixOptions {
  readonly name: string
  readonly outputs: number
  readonly inputs: number
  /** What a distance along a direction is multiplied by. */
  readonly reach: number
}

/**
 * A matrix of a low-rank branch, shape [outputs, inputs], in whole units of 2⁻²⁰. Its direction of a lane is z = u vᵀ with u
 * and v of ±1: it takes outputs + inputs signs, and E[z zᵀ] is the identity, as if each number had a sign of its own.
 *
 * Source: EGGROLL, arXiv:2511.16652, with rank 1, and signs in place of normals.
 */
export class BranchMatrix {
  readonly name: string
  readonly shape: readonly [outputs: number, inputs: number]
  readonly units: Int32Array
  readonly #reach: number
  readonly #left: TensorSigns
  readonly #right: TensorSigns
  readonly #values: Float32Array
  #hasMoved = true

  constructor({ name, outputs, inputs, reach }: BranchMatrixOptions) {
    this.name = name
    this.shape = [outputs, inputs]
    this.units = new Int32Array(outputs * inputs)
    this.#reach = reach
    this.#left = new TensorSigns(`${name}.left`, outputs)
    this.#right = new TensorSigns(`${name}.right`, inputs)
    this.#values = new Float32Array(outputs * inputs)
  }

  /** The state in floats: exact up to 16, whose units have 24 bits. */
  get values(): Float32Array {
    if (this.#hasMoved) this.units.forEach((units, i) => (this.#values[i] = units * unitOfLogScale))
    this.#hasMoved = false
    return this.#values
  }

  /** Begins at `values`, to the nearest unit. */
  begin(values: Float64Array): void {
    values.forEach((value, i) => (this.units[i] = Math.round(value / unitOfLogScale)))
    this.refresh()
  }

  refresh(): void {
    this.#hasMoved = true
  }

  /** units += Σ over lanes of coefficient · reach, to the nearest unit, along the lane's direction. */
  move(seed: number, coefficients: readonly number[]): void {
    const [outputs, inputs] = this.shape
    coefficients.forEach((coefficient, lane) => {
      const [left, right] = [this.#left.words(seed, lane), this.#right.words(seed, lane)]
      const distance = roundAway(coefficient * this.#reach)
      const along = Int32Array.from({ length: inputs }, (_, input) => distance * signAt(right, input))
      for (let output = 0; output < outputs; output++) {
        const sign = signAt(left, output)
        const first = output * inputs
        for (let input = 0; input < inputs; input++) this.units[first + input] += sign * along[input]
      }
    })
    this.refresh()
  }

  /** Writes ± epsilon · reach · u, on the side that `sign` says. */
  fillLeft(target: Float32Array, seed: number, lane: number, sign: 1 | -1, epsilon: number): void {
    fillSigned(target, this.#left.words(seed, lane), sign * epsilon * this.#reach)
  }

  /** Writes v. */
  fillRight(target: Float32Array, seed: number, lane: number): void {
    fillSigned(target, this.#right.words(seed, lane), 1)
  }
}

/** Without a branch on the random bits. */
function fillSigned(target: Float32Array, words: Uint32Array, size: number): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = size * (2 * ((words[i >>> 5] >>> (i & 31)) & 1) - 1)
  }
}
