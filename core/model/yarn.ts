/** How YaRN stretches a model's context. */
export interface Yarn {
  readonly base: number
  readonly dimensions: number
  /** How many times longer the context becomes. */
  readonly factor: number
  /** Context length before. */
  readonly length: number
  /** Pairs that turn more often than this in the old context stay as they are. */
  readonly fast: number
  /** Pairs that turn less often than this are slowed down by the whole factor. */
  readonly slow: number
}

/**
 * What divides each pair's frequency: 1 for pairs that turn fast, the factor for slow ones, and between them
 * 1 / ((1 − m) / factor + m) with m falling linearly over the pairs.
 *
 * Source: YaRN, Peng et al. 2023, arXiv:2309.00071, section 3.2, with the whole pairs of its released code.
 *
 * @returns shape [dimensions / 2]
 */
export function yarnFactors({ base, dimensions, factor, length, fast, slow }: Yarn): Float32Array {
  /** The pair that turns `turns` times in the old context. */
  const pairOf = (turns: number): number =>
    (dimensions * Math.log(length / (turns * 2 * Math.PI))) / (2 * Math.log(base))
  const first = Math.max(0, Math.floor(pairOf(fast)))
  const last = Math.min(dimensions - 1, Math.ceil(pairOf(slow)))
  return Float32Array.from({ length: dimensions / 2 }, (_, pair) => {
    const slowed = Math.min(1, Math.max(0, (pair - first) / Math.max(0.001, last - first)))
    return 1 / (slowed / factor + (1 - slowed))
  })
}

/** What multiplies cosines and sines: 0.1 · ln(factor) + 1. Source: as above, section 3.4, for queries and keys alike. */
export function yarnMagnitude(factor: number): number {
  return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1
}
