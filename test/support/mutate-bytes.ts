import type { RandomNumbers } from './random-numbers.js'

/** Values that break readers: around 2^31, 2^32, 2^53, 2^63, small ones, and "minus one". */
const nastyValues = [
  0n,
  1n,
  7n,
  33n,
  2n ** 16n,
  2n ** 20n + 1n,
  2n ** 21n,
  2n ** 28n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 40n,
  2n ** 53n,
  2n ** 61n,
  2n ** 63n,
  2n ** 64n - 1n,
]

/**
 * A damaged copy of `bytes`: bits flipped, cut off, a number replaced at one of `landmarks` (offsets of length fields) or
 * anywhere, or a piece moved, taken out or put in twice. Most damage lies in the first `headerBytes`.
 */
export function mutateBytes(
  random: RandomNumbers,
  bytes: Uint8Array,
  headerBytes: number,
  landmarks: readonly number[],
): Uint8Array {
  const place = (): number => random.below(random.below(5) > 0 ? headerBytes : bytes.byteLength)
  switch (random.below(5)) {
    case 0:
      return flipBits(random, bytes, place)
    case 1:
      return bytes.slice(0, place())
    case 2:
      return replaceNumber(random, bytes, landmarks[random.below(landmarks.length)])
    case 3:
      return replaceNumber(random, bytes, place())
    default:
      return splice(random, bytes, place)
  }
}

function flipBits(random: RandomNumbers, bytes: Uint8Array, place: () => number): Uint8Array {
  const copy = bytes.slice()
  for (let count = 1 + random.below(8); count > 0; count--) copy[place()] ^= 1 << random.below(8)
  return copy
}

function replaceNumber(random: RandomNumbers, bytes: Uint8Array, start: number): Uint8Array {
  const copy = bytes.slice()
  const value = Buffer.alloc(8)
  value.writeBigUInt64LE(nastyValues[random.below(nastyValues.length)])
  const width = random.below(2) === 0 ? 4 : 8
  copy.set(value.subarray(0, Math.min(width, copy.byteLength - start)), start)
  return copy
}

/** Replaces a piece by another piece of the same file; either may be empty. */
function splice(random: RandomNumbers, bytes: Uint8Array, place: () => number): Uint8Array {
  const start = place()
  const removed = random.below(3) === 0 ? 0 : random.below(200)
  const source = place()
  const inserted = bytes.subarray(source, source + random.below(200))
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + removed)]))
}
