import { EngineError } from '../schema/engine-error.js'
import type { Clock } from './clock.js'

const mostAttempts = 6
const firstWaitMs = 1000
/** A server that asks for more is told to the person instead. */
const longestWaitMs = 5 * 60_000

export interface RetryOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A number that grows with what was reached: an attempt that got further counts as a first one. */
  readonly reached?: () => number
}

/**
 * Runs `action` until it succeeds: after a failure that may pass, again after 1, 2, 4, … seconds, or after what the server asks
 * for.
 *
 * @throws EngineError what `action` throws, the sixth time in a row where it may pass; 'cancelled'
 */
export async function withRetries<T>(
  { clock, signal, reached = () => 0 }: RetryOptions,
  action: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const before = reached()
    try {
      return await action()
    } catch (thrown) {
      if (reached() > before) attempt = 1
      const waitMs = waitAfter(thrown, attempt)
      if (waitMs === null) throw thrown
      await clock.wait(waitMs, signal)
      if (signal.aborted) throw new EngineError('cancelled', {}, 'stopped, as asked')
    }
  }
}

/** Null where another attempt would be in vain. */
function waitAfter(thrown: unknown, attempt: number): number | null {
  if (!(thrown instanceof EngineError) || attempt >= mostAttempts) return null
  const backOffMs = firstWaitMs * 2 ** (attempt - 1)
  const { code, details } = thrown.toData()
  if (code === 'network-failed') return backOffMs
  if (code !== 'hub-busy') return null
  const waitMs = Math.max(details.waitMs ?? backOffMs, backOffMs)
  return waitMs > longestWaitMs ? null : waitMs
}
