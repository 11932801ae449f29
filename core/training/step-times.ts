/** A step that was timed. */
export interface TakenStep {
  /** Of its batch, padding included. */
  readonly tokens: number
  readonly ms: number
}

/** The time of a step by its tokens, on the line through the longest and the shortest batch; each time the last one taken. */
export function stepTimes(taken: readonly TakenStep[]): {
  readonly longestMs: number
  readonly at: (tokens: number) => number
} {
  const lengths = taken.map(({ tokens }) => tokens)
  const lastOf = (length: number): TakenStep =>
    taken.findLast(({ tokens }) => tokens === length) ?? { tokens: 1, ms: 0 }
  const long = lastOf(Math.max(...lengths))
  const short = lastOf(Math.min(...lengths))
  const perToken = long.tokens === short.tokens ? 0 : (long.ms - short.ms) / (long.tokens - short.tokens)
  // Noise may make the shorter batch the slower one; then tokens say nothing.
  const slope = Math.min(Math.max(0, perToken), long.ms / long.tokens)
  return { longestMs: long.ms, at: (tokens) => long.ms - slope * (long.tokens - tokens) }
}
