import { hashName } from './derive-seed.js'
import { fillPhilox } from './philox.js'

/** Signs in a pattern, a bit each: 1 means +1. */
export const signsOfPattern = 8

/** `count` random patterns. A pure function of (seed, tensor, lane). */
export function signPatterns(count: number, seed: number, tensor: string, lane = 0): Uint8Array {
  const words = new Uint32Array(Math.ceil(count / 4))
  fillPhilox(words, [seed, hashName(tensor)], [0, lane, 0, 9])
  return new Uint8Array(words.buffer, 0, count)
}

/** Σ_k a_k b_k over the first `rank` signs of two patterns a and b, for every value of a ⊕ b in those bits. */
export function signProducts(rank: number): Int8Array {
  return Int8Array.from({ length: 2 ** rank }, (_, different) => {
    let count = 0
    for (let bits = different; bits > 0; bits >>= 1) count += bits & 1
    return rank - 2 * count
  })
}
