import { constantBlocks } from '../quantization/constant-blocks.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { fillBernoulli, unitsOfCertainty } from '../random/bernoulli.js'
import { TensorSigns } from '../random/tensor-signs.js'
import type { CodeRounding } from '../schema/code-rounding.js'
import type { Probe } from './trained-parameters.js'

/** Words of bits that are handled at a time, one bit a weight. */
const chunk = 1024

/** Units of a residual that make a code: it lies in −½ … ½, and so in a byte. */
const residualUnits = 2 ** 8

/** Room for the random bits of a chunk, which matrices share. */
export class CodeRoom {
  readonly moved = new Uint32Array(chunk)
  readonly words = new Uint32Array(chunk)
}

export interface CodeMatrixOptions {
  /** Addresses the direction and both roundings. */
  readonly name: string
  /** As in the file. */
  readonly base: QuantizedMatrix
  readonly rounding: CodeRounding
  /** Size ε ≤ 1 of a probe, in codes. */
  readonly perturbationScale: number
  readonly room: CodeRoom
}

/**
 * The codes q of a matrix as what is trained, whole numbers from 0 to 2^bits − 1. With z in ±1, and SR rounding x in −1 … 1 to
 * the one or the other whole number beside it at random, E[SR(x)] = x:
 *
 *   probe              q ± u,  u = SR₁(ε z)
 *   stochastic         q ← q + Σ SR₂(c z)
 *   error feedback     a = γ e + Σ c u,  Δ = ⌊a + ½⌋,  q ← q + Δ,  e ← a − Δ
 *
 * with the sums over lanes. SR₁ and SR₂ are independent given z, so that (L(q + u) − L(q − u)) / 2ε · SR₂ has no bias but that
 * of the third derivative; E[u uᵀ] = ε I, so that (L(q + u) − L(q − u)) / 2ε · u has no other either. Codes end at both ends of
 * their range, and e at ± ½ there. Most codes stay: only those that move are visited.
 *
 * Source: QuZO, arXiv:2502.12346 (stochastic); QES, arXiv:2602.03120 (error feedback), whose e is a half float that ends at
 * ± 1.5. Directions are ±1 here and Gaussian there.
 */
export class CodeMatrix {
  /** The state, packed as in `base`. */
  readonly codes: Uint8Array
  /** e in 256ths of a code, one for each weight; null without error feedback. */
  readonly residuals: Int8Array | null
  readonly #options: CodeMatrixOptions
  readonly #count: number
  readonly #signs: TensorSigns
  readonly #constantBlocks: readonly number[]

  constructor(options: CodeMatrixOptions) {
    const { name, base, rounding } = options
    this.#options = options
    this.#count = base.rows * base.columns
    this.codes = base.codes.slice()
    this.residuals = rounding.kind === 'error-feedback' ? new Int8Array(this.#count) : null
    this.#signs = new TensorSigns(name, this.#count)
    this.#constantBlocks = constantBlocks(base)
  }

  /** Writes the codes at a probe to `target`, packed. */
  probe(target: Uint8Array, { seed, epsilon, lane = 0 }: Probe, side: 1 | -1): void {
    const { bits } = this.#options.base
    target.set(this.codes)
    this.#eachMoved('probe', seed, lane, Math.round(epsilon * unitsOfCertainty), (i, sign) =>
      addCode(target, bits, i, side * sign),
    )
    this.#keepConstantBlocks(target)
  }

  /** @param coefficients c of each lane, whole numbers of `unitsOfCode` */
  move(seed: number, coefficients: readonly number[]): void {
    const { base, rounding, perturbationScale } = this.#options
    const { codes, residuals } = this
    if (residuals === null || rounding.kind === 'stochastic') {
      coefficients.forEach((coefficient, lane) => {
        const down = Math.sign(coefficient)
        this.#eachMoved('step', seed, lane, Math.abs(coefficient), (i, sign) =>
          addCode(codes, base.bits, i, down * sign),
        )
      })
    } else {
      const { decay } = rounding
      if (decay < 1) residuals.forEach((residual, i) => (residuals[i] = Math.trunc(decay * residual)))
      const units = Math.round(perturbationScale * unitsOfCertainty)
      coefficients.forEach((coefficient, lane) =>
        this.#eachMoved('probe', seed, lane, units, (i, sign) => {
          const place = residuals[i] + coefficient * sign
          const applied = addCode(codes, base.bits, i, Math.floor(place / residualUnits + 0.5))
          const left = place - residualUnits * applied
          residuals[i] = Math.max(-residualUnits / 2, Math.min(residualUnits / 2 - 1, left))
        }),
      )
    }
    this.#keepConstantBlocks(codes)
  }

  /** Visits the weights that SR(± p z) moves, p = units · 2⁻¹⁶, with the sign of z. */
  #eachMoved(
    rounding: 'probe' | 'step',
    seed: number,
    lane: number,
    units: number,
    visit: (index: number, sign: 1 | -1) => void,
  ): void {
    const { name, room } = this.#options
    const signs = this.#signs.words(seed, lane)
    for (let first = 0; first < signs.length; first += chunk) {
      const count = Math.min(chunk, signs.length - first)
      const moved = room.moved.subarray(0, count)
      fillBernoulli(moved, units, [seed, `${name}.${rounding}`, lane], first, room.words.subarray(0, count))
      for (let word = 0; word < count; word++) {
        for (let left = moved[word]; left !== 0; left &= left - 1) {
          const bit = 31 - Math.clz32(left & -left)
          const index = 32 * (first + word) + bit
          if (index < this.#count) visit(index, ((signs[first + word] >>> bit) & 1) === 1 ? 1 : -1)
        }
      }
    }
  }

  #keepConstantBlocks(target: Uint8Array): void {
    const { bits, blockSize, codes } = this.#options.base
    const blockBytes = (blockSize * bits) / 8
    for (const block of this.#constantBlocks) {
      const first = block * blockBytes
      target.set(codes.subarray(first, first + blockBytes), first)
    }
  }
}

/** What a coefficient of a move counts in: whole numbers of it are exact in a journal, and in what they are added to. */
export function unitsOfCode({ kind }: CodeRounding): number {
  return kind === 'stochastic' ? unitsOfCertainty : residualUnits
}

/** Adds to a code, within its range, and gives what was added. */
function addCode(codes: Uint8Array, bits: 4 | 8, index: number, change: number): number {
  if (bits === 8) {
    const before = codes[index]
    codes[index] = Math.max(0, Math.min(255, before + change))
    return codes[index] - before
  }
  const byte = index >>> 1
  const shift = (index & 1) << 2
  const before = (codes[byte] >>> shift) & 15
  const after = Math.max(0, Math.min(15, before + change))
  codes[byte] ^= (before ^ after) << shift
  return after - before
}
