import { fillSigns, signWordCount } from './directions.js'

/**
 * The ±1 directions of one tensor. Those of the last seed are kept, a bit an element and lane: both probes of a step and
 * its move ask for the same.
 */
export class TensorSigns {
  readonly #tensor: string
  readonly #count: number
  readonly #lanes = new Map<number, { seed: number | null; readonly words: Uint32Array }>()

  /** @param count elements of the tensor called `tensor` */
  constructor(tensor: string, count: number) {
    this.#tensor = tensor
    this.#count = count
  }

  /** The sign words that `fillSigns` gives; valid until a call with the same lane and another seed. */
  words(seed: number, lane: number): Uint32Array {
    const kept = this.#lanes.get(lane) ?? { seed: null, words: new Uint32Array(signWordCount(this.#count)) }
    if (kept.seed !== seed) {
      fillSigns(kept.words, seed, this.#tensor, lane)
      kept.seed = seed
      this.#lanes.set(lane, kept)
    }
    return kept.words
  }
}
