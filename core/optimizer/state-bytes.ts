import { requestInvalid } from '../schema/request-invalid.js'

/** Bytes of all parts of a state. */
export function stateByteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0)
}

/** A copy of all parts, one after the other. */
export function joinState(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(stateByteLength(parts))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}

/**
 * Fills all parts with what `joinState` gave.
 *
 * @throws EngineError `request-invalid` for a state of another size
 */
export function splitState(bytes: Uint8Array, parts: readonly Uint8Array[]): void {
  const expected = stateByteLength(parts)
  if (bytes.byteLength !== expected) {
    const issue = `optimizer state should be ${expected} bytes, got ${bytes.byteLength}`
    throw requestInvalid(issue)
  }
  let offset = 0
  for (const part of parts) {
    part.set(bytes.subarray(offset, offset + part.byteLength))
    offset += part.byteLength
  }
}
