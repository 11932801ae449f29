import { hashName } from './derive-seed.js'
import { fillPhilox, uniform } from './philox.js'

/**
 * Fills `words` with the signs of a ±1 direction, one bit an element (element i: bit i & 31 of word i >> 5; 1 means +1).
 * A pure function of (seed, tensor, lane, element): `lane` tells apart directions of one seed, such as one an example.
 */
export function fillSigns(words: Uint32Array, seed: number, tensor: string, lane = 0): void {
  fillPhilox(words, [seed, hashName(tensor)], [0, lane, 0, 1])
}

/** The sign of an element, in words that `fillSigns` filled. */
export function signAt(words: Uint32Array, element: number): 1 | -1 {
  return ((words[element >>> 5] >>> (element & 31)) & 1) === 1 ? 1 : -1
}

/** Words that hold `count` sign bits. */
export function signWordCount(count: number): number {
  return (count + 31) >>> 5
}

/**
 * Fills `target` with standard normals by Box–Muller: element pair (2i, 2i + 1) comes from one pair of uniforms in (0, 1).
 * A pure function of (seed, tensor, lane, element).
 *
 * Source: Box and Muller 1958.
 */
export function fillNormals(target: Float64Array, seed: number, tensor: string, lane = 0): void {
  const words = new Uint32Array((target.length + 3) & ~3)
  fillPhilox(words, [seed, hashName(tensor)], [0, lane, 0, 2])
  for (let i = 0; i < target.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(words[i])))
    const angle = 2 * Math.PI * uniform(words[i + 1])
    target[i] = radius * Math.cos(angle)
    if (i + 1 < target.length) target[i + 1] = radius * Math.sin(angle)
  }
}
