/** Time, as whoever uses the hub passes it in. */
export interface Clock {
  /** Milliseconds from any fixed moment. */
  now(): number
  /** Resolves after so many milliseconds, or as soon as `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Calls `expire` once, after so many milliseconds. Returns what calls it off. */
  after(ms: number, expire: () => void): () => void
}

/** The computer's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end)
      if (signal.aborted) end()
    }),
  after: (ms, expire) => {
    const timer = setTimeout(expire, ms)
    return () => clearTimeout(timer)
  },
}
