import type { ByteSource } from '../formats/byte-source.js'

const pieceBytes = 2 ** 22
const pieces = 16

/**
 * Bytes a second at which a file can be read now, from pieces all over it. What the system still has of it in memory is as
 * fast as a layer that is there would be.
 *
 * @param now milliseconds from any fixed moment
 * @throws EngineError 'file-unreadable'
 */
export function measureReadRate(source: ByteSource, now: () => number): number {
  const piece = new Uint8Array(Math.min(pieceBytes, source.byteLength))
  const last = source.byteLength - piece.byteLength
  const started = now()
  for (let index = 0; index < pieces; index++) {
    source.readInto(Math.floor((last * index) / pieces), piece)
  }
  return (1000 * pieces * piece.byteLength) / Math.max(0.001, now() - started)
}
