import { philox4x32 } from './philox.js'

/** Indices 0 … count − 1 in an order that depends on `seed` alone (Fisher–Yates, rejection against modulo bias). */
export function shuffledIndices(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  let draw = 0
  for (let last = count - 1; last > 0; last--) {
    const bound = last + 1
    const limit = Math.floor(0x100000000 / bound) * bound
    let word: number
    do {
      word = philox4x32([draw++, 0, 0, 3], [seed, 0])[0]
    } while (word >= limit)
    const pick = word % bound
    const kept = order[last]
    order[last] = order[pick]
    order[pick] = kept
  }
  return order
}
