import { hashName } from './derive-seed.js'
import { fillPhilox } from './philox.js'

/** Random bits of an element, and the fraction bits of what `roundStochastically` rounds. */
const bitsOfElement = 16

/** Units of `roundStochastically` that make a one. */
export const unitsOfOne = 2 ** bitsOfElement

/**
 * Fills `words` with 16 random bits an element, two elements a word. A pure function of (seed, tensor, step, element).
 *
 * @param words room for half as many uint32 as there are elements
 * @param start index of the first element, a multiple of eight
 */
export function fillRoundingBits(
  words: Uint32Array,
  seed: number,
  tensor: string,
  step: number,
  start: number,
): void {
  fillPhilox(words, [seed, hashName(tensor)], [start / 8, step, 0, 4])
}

/**
 * Fills `noise` with even numbers in (−½, ½) for stochastic rounding, from the bits of `fillRoundingBits`.
 *
 * @param words room for half as many uint32
 * @param start index of the first element, a multiple of eight
 */
export function fillRoundingNoise(
  noise: Float32Array,
  words: Uint32Array,
  seed: number,
  tensor: string,
  step: number,
  start: number,
): void {
  fillRoundingBits(words, seed, tensor, step, start)
  for (let i = 0; i < noise.length; i++) noise[i] = (bitsAt(words, i) + 0.5) / unitsOfOne - 0.5
}

/**
 * Rounds x = units · 2⁻¹⁶ to one of the two whole numbers beside it: ⌊x + U⌋, U even in 0, 2⁻¹⁶, … 1 − 2⁻¹⁶. The mean is x
 * exactly, since U has as many bits as the fraction of x.
 *
 * Source: stochastic rounding, Gupta et al. 2015, arXiv:1502.02551, section 3.
 *
 * @param units a whole number
 * @param words as `fillRoundingBits` fills them
 * @param element counted from the first of `words`
 */
export function roundStochastically(units: number, words: Uint32Array, element: number): number {
  return Math.floor((units + bitsAt(words, element)) / unitsOfOne)
}

function bitsAt(words: Uint32Array, element: number): number {
  return (words[element >>> 1] >>> ((element & 1) * bitsOfElement)) & (unitsOfOne - 1)
}
