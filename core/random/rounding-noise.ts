import { hashName } from './derive-seed.js'
import { fillPhilox } from './philox.js'

/**
 * Fills `noise` with even numbers in (−½, ½) for stochastic rounding, 16 random bits each. A pure function of (seed,
 * tensor, step, element).
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
  fillPhilox(words, [seed, hashName(tensor)], [start / 8, step, 0, 4])
  for (let i = 0; i < noise.length; i++) {
    const half = (words[i >>> 1] >>> ((i & 1) * 16)) & 0xffff
    noise[i] = (half + 0.5) / 0x10000 - 0.5
  }
}
