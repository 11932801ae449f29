import { createHash } from 'node:crypto'
import type { ByteSource } from '../formats/byte-source.js'

const pieceBytes = 4 * 2 ** 20

/**
 * The identity of a base model: SHA-256 of the whole file, in hexadecimal. Read in pieces, so memory stays small.
 *
 * @throws EngineError `file-unreadable`
 */
export function hashModel(source: ByteSource): string {
  const hash = createHash('sha256')
  const piece = new Uint8Array(Math.min(pieceBytes, source.byteLength))
  for (let offset = 0; offset < source.byteLength; offset += piece.byteLength) {
    const bytes = piece.subarray(0, Math.min(piece.byteLength, source.byteLength - offset))
    source.readInto(offset, bytes)
    hash.update(bytes)
  }
  return hash.digest('hex')
}
