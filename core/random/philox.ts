const multiplier0 = 0xd2511f53
const multiplier1 = 0xcd9e8d57
const weyl0 = 0x9e3779b9
const weyl1 = 0xbb67ae85
const rounds = 10

/** High 32 bits of the 64-bit product of two uint32, in halves of 16 bits: no sum of these leaves 32 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0
}

/**
 * Writes random 32-bit words: block `i` of four words is the Philox4x32-10 output for the counter
 * `(firstBlock + i, counter1, counter2, counter3)` and the key. A counter-based generator: any part of a sequence can be
 * made without the parts before it, in any order.
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3; constants as published.
 *
 * @param target words to fill; a length that is not a multiple of four drops the last block's rest
 */
export function fillPhilox(
  target: Uint32Array,
  key: readonly [number, number],
  counter: readonly [firstBlock: number, number, number, number],
): void {
  for (let block = 0; block * 4 < target.length; block++) {
    let c0 = (counter[0] + block) | 0
    let c1 = counter[1] | 0
    let c2 = counter[2] | 0
    let c3 = counter[3] | 0
    let k0 = key[0] | 0
    let k1 = key[1] | 0
    for (let round = 0; round < rounds; round++) {
      const high0 = multiplyHigh(multiplier0, c0)
      const high1 = multiplyHigh(multiplier1, c2)
      const low1 = Math.imul(multiplier1, c2)
      c2 = high0 ^ c3 ^ k1
      c3 = Math.imul(multiplier0, c0)
      c0 = high1 ^ c1 ^ k0
      c1 = low1
      k0 = (k0 + weyl0) | 0
      k1 = (k1 + weyl1) | 0
    }
    const at = block * 4
    target[at] = c0
    target[at + 1] = c1
    target[at + 2] = c2
    target[at + 3] = c3
  }
}

/** One Philox4x32-10 block of four words. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): Uint32Array {
  const words = new Uint32Array(4)
  fillPhilox(words, key, counter)
  return words
}

/** A word as a number in (0, 1): never 0, so that its logarithm is finite. */
export function uniform(word: number): number {
  return (word + 0.5) / 0x100000000
}
