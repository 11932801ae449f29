import type { Moment } from './moment.js'

/** A running mean kept as it is, in fp32. */
export function floatMoment(length: number): Moment {
  const values = new Float32Array(length)
  return {
    parts: [new Uint8Array(values.buffer)],
    read: (start, count) => values.subarray(start, start + count),
    // What `read` gave is the state itself.
    write: () => undefined,
  }
}
