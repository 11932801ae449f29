import { philox4x32 } from '../../core/random/philox.js'

/** Random numbers for tests: every call gives the next one, the same for equal seeds. */
export interface RandomNumbers {
  /** Whole number in [0, limit). */
  below(limit: number): number
  /** In [−1, 1), with the variance of a uniform distribution, 1/3. */
  symmetric(): number
}

export function randomNumbers(seed: number): RandomNumbers {
  let block = 0
  let words: number[] = []
  const next = (): number => {
    if (words.length === 0) words = [...philox4x32([block++, 0, 0, 0], [seed, 0])]
    return (words.pop() ?? 0) / 2 ** 32
  }
  return {
    below: (limit) => Math.floor(next() * limit),
    symmetric: () => 2 * next() - 1,
  }
}
