import { hashName } from './derive-seed.js'
import { fillPhilox } from './philox.js'

/** Fraction bits of a probability: one unit is 2⁻¹⁶. */
const fractionBits = 16

/** Units of a probability that make it certain. */
export const unitsOfCertainty = 2 ** fractionBits

/**
 * Fills `words` with bits that are each 1 with probability p = units · 2⁻¹⁶ exactly (element i: bit i & 31 of word i >> 5). A
 * pure function of (seed, tensor, lane, element).
 *
 * From the lowest bit b of p up, with random words r: m ← r | m where b is 1, else r & m, so that P(m) ← (b + P(m)) / 2.
 * Zeros at the end of p need no words.
 *
 * @param units 0 … 2¹⁶
 * @param firstWord a multiple of four
 * @param room as long as `words`
 */
export function fillBernoulli(
  words: Uint32Array,
  units: number,
  [seed, tensor, lane]: readonly [seed: number, tensor: string, lane: number],
  firstWord: number,
  room: Uint32Array,
): void {
  if (units >= unitsOfCertainty) {
    words.fill(0xffffffff)
    return
  }
  words.fill(0)
  const key = [seed, hashName(tensor)] as const
  for (let bit = 0; bit < fractionBits; bit++) {
    if (units % 2 ** (bit + 1) === 0) continue
    fillPhilox(room, key, [firstWord / 4, lane, bit, 8])
    if (((units >>> bit) & 1) === 1) for (let i = 0; i < words.length; i++) words[i] |= room[i]
    else for (let i = 0; i < words.length; i++) words[i] &= room[i]
  }
}
