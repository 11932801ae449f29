import { EngineError } from '../schema/engine-error.js'
import type { Hub } from './hub.js'

/** A connection that brought less than `leastBytes` in this time is given up for another. */
const windowMs = 30_000
const leastBytes = 4096

/** Ends a connection that hangs or drips. */
export interface StallWatch {
  /** Aborts when the person's does, or when the connection stalls; its reason is then 'network-failed'. */
  readonly signal: AbortSignal
  /** So many bytes came. */
  note(bytes: number): void
  close(): void
}

/** Watches a connection from before it is opened. */
export function openStallWatch(
  { clock }: Pick<Hub, 'clock'>,
  address: string,
  person: AbortSignal,
): StallWatch {
  const controller = new AbortController()
  const { host } = new URL(address)
  let came = 0
  const look = (): void => {
    if (came < leastBytes) {
      const reason = `it sent ${came} bytes in ${windowMs / 1000} s`
      controller.abort(new EngineError('network-failed', { host, reason }, `${host} stalled: ${reason}`))
      return
    }
    came = 0
    stop = clock.after(windowMs, look)
  }
  let stop = clock.after(windowMs, look)
  const abort = (): void => controller.abort()
  person.addEventListener('abort', abort)
  if (person.aborted) abort()
  return {
    signal: controller.signal,
    note: (bytes) => {
      came += bytes
    },
    close: () => {
      stop()
      person.removeEventListener('abort', abort)
    },
  }
}
