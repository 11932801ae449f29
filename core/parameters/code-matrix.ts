import type { QuantizedMatrix } from '../quantization/matrix.js'
import { constantBlocks } from '../quantization/constant-blocks.js'
import { packCodes, unpackCodes } from '../quantization/pack-codes.js'
import { signAt } from '../random/directions.js'
import { fillRoundingBits, roundStochastically, unitsOfOne } from '../random/rounding-noise.js'
import { TensorSigns } from '../random/tensor-signs.js'
import type { CodeRounding } from '../schema/code-rounding.js'
import type { Probe } from './trained-parameters.js'

/** Weights that are handled at a time: whole words of signs and whole blocks of rounding bits. */
const chunk = 1024

/** Units of a residual that make a code: it lies in −½ … ½, and so in a byte. */
const residualUnits = 2 ** 8

/** Room for a chunk of weights, which matrices share. */
export class CodeRoom {
  readonly codes = new Uint8Array(chunk)
  readonly steps = new Float64Array(chunk)
  readonly words = new Uint32Array(chunk / 2)
}

export interface CodeMatrixOptions {
  /** Addresses the direction and both roundings. */
  readonly name: string
  /** As in the file. */
  readonly base: QuantizedMatrix
  readonly rounding: CodeRounding
  /** Size ε of a probe, in codes. */
  readonly perturbationScale: number
  readonly room: CodeRoom
}

/**
 * The codes q of a matrix as what is trained, whole numbers from 0 to 2^bits − 1. With z in ±1 and SR rounding up or down at
 * random, E[SR(x)] = x:
 *
 *   probe              q ± u,  u = SR₁(ε z)
 *   stochastic         q ← q + SR₂(Σ c z)
 *   error feedback     a = γ e + Σ c u,  Δ = ⌊a + ½⌋,  q ← q + Δ,  e ← a − Δ
 *
 * with the sums over lanes. SR₁ and SR₂ are independent given z, so that (L(q + u) − L(q − u)) / 2ε · SR₂ is without bias; of
 * u itself, E[u uᵀ] = ε I for ε ≤ 1, so that (L(q + u) − L(q − u)) / 2ε · u is as well. Codes end at both ends of their
 * range, and e at ± ½ there.
 *
 * Source: QuZO, arXiv:2502.12346 (stochastic); QES, arXiv:2602.03120 (error feedback), whose e is a half float
 * that ends at ± 1.5. Directions are ±1 here and Gaussian there.
 */
export class CodeMatrix {
  /** The state, packed as in `base`. */
  readonly codes: Uint8Array
  /** e in 256ths of a code, one for each weight; null without error feedback. */
  readonly residuals: Int8Array | null
  readonly #options: CodeMatrixOptions
  readonly #count: number
  readonly #largest: number
  readonly #signs: TensorSigns
  readonly #constantBlocks: readonly number[]

  constructor(options: CodeMatrixOptions) {
    const { name, base, rounding } = options
    this.#options = options
    this.#count = base.rows * base.columns
    this.#largest = 2 ** base.bits - 1
    this.codes = base.codes.slice()
    this.residuals = rounding.kind === 'error-feedback' ? new Int8Array(this.#count) : null
    this.#signs = new TensorSigns(name, this.#count)
    this.#constantBlocks = constantBlocks(base)
  }

  /** Writes the codes at a probe to `target`, packed. */
  probe(target: Uint8Array, { seed, epsilon, lane = 0 }: Probe, side: 1 | -1): void {
    const { codes, steps } = this.#options.room
    this.#change(target, (start, count) => {
      steps.fill(0, 0, count)
      this.#addRounded(seed, lane, epsilon, side, start, count)
      for (let i = 0; i < count; i++) codes[i] = within(this.#largest, codes[i] + steps[i])
    })
  }

  /** @param coefficients c of each lane, whole numbers of `unitsOfCode` */
  move(seed: number, coefficients: readonly number[]): void {
    const { rounding } = this.#options
    if (rounding.kind === 'stochastic') this.#moveStochastically(seed, coefficients)
    else this.#moveWithFeedback(seed, coefficients, rounding.decay)
  }

  #moveStochastically(seed: number, coefficients: readonly number[]): void {
    const { name, room } = this.#options
    const { codes, steps, words } = room
    this.#change(this.codes, (start, count) => {
      steps.fill(0, 0, count)
      coefficients.forEach((coefficient, lane) => {
        const signs = this.#signs.words(seed, lane)
        for (let i = 0; i < count; i++) steps[i] += coefficient * signAt(signs, start + i)
      })
      fillRoundingBits(words, seed, `${name}.step`, 0, start)
      for (let i = 0; i < count; i++) {
        codes[i] = within(this.#largest, codes[i] + roundStochastically(steps[i], words, i))
      }
    })
  }

  #moveWithFeedback(seed: number, coefficients: readonly number[], decay: number): void {
    const { room, perturbationScale } = this.#options
    const { codes, steps } = room
    const residuals = this.residuals ?? new Int8Array(0)
    this.#change(this.codes, (start, count) => {
      for (let i = 0; i < count; i++) steps[i] = Math.trunc(decay * residuals[start + i])
      coefficients.forEach((coefficient, lane) =>
        this.#addRounded(seed, lane, perturbationScale, coefficient, start, count),
      )
      for (let i = 0; i < count; i++) {
        const before = codes[i]
        codes[i] = within(this.#largest, before + Math.floor(steps[i] / residualUnits + 0.5))
        const left = steps[i] - residualUnits * (codes[i] - before)
        residuals[start + i] = Math.max(-residualUnits / 2, Math.min(residualUnits / 2 - 1, left))
      }
    })
  }

  /** steps += factor · SR₁(ε z) */
  #addRounded(
    seed: number,
    lane: number,
    epsilon: number,
    factor: number,
    start: number,
    count: number,
  ): void {
    const { name, room } = this.#options
    const { steps, words } = room
    const signs = this.#signs.words(seed, lane)
    const units = Math.round(epsilon * unitsOfOne)
    fillRoundingBits(words, seed, `${name}.probe`, lane, start)
    for (let i = 0; i < count; i++) {
      steps[i] += factor * roundStochastically(units * signAt(signs, start + i), words, i)
    }
  }

  /** Unpacks the state a chunk at a time, and packs what `change` made of it into `target`. */
  #change(target: Uint8Array, change: (start: number, count: number) => void): void {
    const { base, room } = this.#options
    const { bits, blockSize } = base
    for (let start = 0; start < this.#count; start += chunk) {
      const count = Math.min(chunk, this.#count - start)
      const first = (start * bits) / 8
      unpackCodes(this.codes.subarray(first), count, bits, room.codes)
      change(start, count)
      packCodes(room.codes, count, bits, target.subarray(first))
    }
    const blockBytes = (blockSize * bits) / 8
    for (const block of this.#constantBlocks) {
      const first = block * blockBytes
      target.set(base.codes.subarray(first, first + blockBytes), first)
    }
  }
}

function within(largest: number, code: number): number {
  return Math.max(0, Math.min(largest, code))
}

/** What a coefficient of a move counts in: whole numbers of it are exact in a journal, and in what they are added to. */
export function unitsOfCode({ kind }: CodeRounding): number {
  return kind === 'stochastic' ? unitsOfOne : residualUnits
}
