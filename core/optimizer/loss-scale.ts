import { splitState } from './state-bytes.js'

/** Apex' and PyTorch's first scale. */
const firstExponent = 16
/** Floats hold the sums of gradients up to it. */
const lastExponent = 24
/** A step that is too large costs one more pass; in 200 it is half a percent. */
const stepsBeforeRaising = 200

/**
 * What a loss is multiplied by where its gradient passes half floats, whose smallest number is 6·10⁻⁸: parts below half of that would
 * become zeros. A power of two, so that multiplying and dividing change no other bit. Halved when a gradient is beyond the largest
 * half float, doubled after 200 steps without.
 *
 * Source: Micikevicius et al. 2018, Mixed Precision Training, arXiv:1710.03740, section 3.2.
 */
export class LossScale {
  readonly #exponent = Int32Array.of(firstExponent)
  readonly #stepsSince = Int32Array.of(0)
  /** Live views of its state. */
  readonly parts: readonly Uint8Array[] = [
    new Uint8Array(this.#exponent.buffer),
    new Uint8Array(this.#stepsSince.buffer),
  ]

  get value(): number {
    return 2 ** this.#exponent[0]
  }

  /** Notes a step whose gradients were finite. */
  accept(): void {
    this.#stepsSince[0]++
    if (this.#stepsSince[0] < stepsBeforeRaising) return
    this.#stepsSince[0] = 0
    this.#exponent[0] = Math.min(lastExponent, this.#exponent[0] + 1)
  }

  /** Halves it. False where it is 1: then it is not the scale that makes gradients too large. */
  lower(): boolean {
    if (this.#exponent[0] === 0) return false
    this.#exponent[0]--
    this.#stepsSince[0] = 0
    return true
  }

  /**
   * Takes back a copy of the parts, one after the other.
   *
   * @throws EngineError `request-invalid` for a state of another size
   */
  load(bytes: Uint8Array): void {
    splitState(bytes, this.parts)
  }
}
