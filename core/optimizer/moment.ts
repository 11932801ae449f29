import { EngineError } from '../schema/engine-error.js'

/** Elements that a rule handles at a time; whole blocks of every code. */
export const momentChunk = 1024

/** A running mean that a rule keeps for every element of a tensor, stored in floats or in fewer bits. */
export interface Moment {
  /** Live views of everything that makes up its state. */
  readonly parts: readonly Uint8Array[]

  /** Elements start … start + count − 1, for reading and changing until `write`. `start` is a multiple of the chunk. */
  read(start: number, count: number): Float32Array

  /** Keeps what the array of the last `read` holds now. */
  write(step: number): void
}

/** Bytes of state in all moments. */
export function momentByteLength(moments: readonly Moment[]): number {
  return parts(moments).reduce((sum, part) => sum + part.byteLength, 0)
}

/** The states of all moments, one after the other. */
export function saveMoments(moments: readonly Moment[]): Uint8Array {
  const bytes = new Uint8Array(momentByteLength(moments))
  let offset = 0
  for (const part of parts(moments)) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}

/**
 * Puts saved states back.
 *
 * @throws EngineError `request-invalid` for a state of another size
 */
export function loadMoments(moments: readonly Moment[], bytes: Uint8Array): void {
  const expected = momentByteLength(moments)
  if (bytes.byteLength !== expected) {
    const issue = `optimizer state should be ${expected} bytes, got ${bytes.byteLength}`
    throw new EngineError('request-invalid', { issues: [issue] }, issue)
  }
  let offset = 0
  for (const part of parts(moments)) {
    part.set(bytes.subarray(offset, offset + part.byteLength))
    offset += part.byteLength
  }
}

function parts(moments: readonly Moment[]): Uint8Array[] {
  return moments.flatMap((moment) => moment.parts)
}
