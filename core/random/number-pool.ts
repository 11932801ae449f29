import { hashName } from './derive-seed.js'
import { fillPhilox, philox4x32 } from './philox.js'

/**
 * A pool of random numbers: odd whole numbers from −255 to 255, each as likely as any other, so a byte each and none of them 0.
 * It is the same for every run; runs differ in where they begin in it.
 *
 * Source: PeZO, arXiv:2504.20314, pre-generation: uniform numbers of few bits, stored once.
 *
 * @param size a multiple of four
 */
export function numberPool(size: number): Int16Array {
  const words = new Uint32Array(size / 4)
  fillPhilox(words, [0, hashName('pool')], [0, 0, 0, 7])
  return Int16Array.from(new Uint8Array(words.buffer), (byte) => 2 * byte - 255)
}

/** 1 / root mean square: the pool's numbers times this are as long as ±1 numbers are, √size. */
export function poolScale(pool: Int16Array): number {
  const sumOfSquares = pool.reduce((sum, value) => sum + value * value, 0)
  return Math.sqrt(pool.length / sumOfSquares)
}

/** The place in the pool that a tensor's direction begins at. A pure function of (seed, tensor, lane). */
export function poolOffset(size: number, seed: number, tensor: string, lane: number): number {
  return philox4x32([0, lane, 0, 8], [seed, hashName(tensor)])[0] % size
}
