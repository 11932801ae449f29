import { createHash } from 'node:crypto'
import type { ByteSource } from '../formats/byte-source.js'

const pieceBytes = 4 * 2 ** 20

/**
 * The identity of a base model: SHA-256 of the whole file, in hexadecimal. Read in pieces, so memory stays small.
 *
 * @throws EngineError `file-unreadable`
 */
export function hashModel(source: ByteSource): string {
  const hashing = hashingModel(source)
  let next = hashing.next()
  while (next.done !== true) next = hashing.next()
  return next.value
}

/** As `hashModel`; yields how many bytes were read after each piece, so that whoever waits can be told. */
export function* hashingModel(source: ByteSource): Generator<number, string> {
  const hash = createHash('sha256')
  const piece = new Uint8Array(Math.min(pieceBytes, source.byteLength))
  for (let offset = 0; offset < source.byteLength; offset += piece.byteLength) {
    const bytes = piece.subarray(0, Math.min(piece.byteLength, source.byteLength - offset))
    source.readInto(offset, bytes)
    hash.update(bytes)
    yield offset + bytes.byteLength
  }
  return hash.digest('hex')
}
