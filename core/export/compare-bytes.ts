import { createHash } from 'node:crypto'
import type { ByteSource } from '../formats/byte-source.js'
import { EngineError } from '../schema/engine-error.js'

const pieceBytes = 4 * 2 ** 20

/** A run of bytes of a file that were written anew. */
export interface WrittenRun {
  readonly name: string
  readonly offset: number
  readonly byteLength: number
  /** Of these bytes, in hexadecimal. */
  readonly sha256: string
}

/**
 * Compares an exported file with what it should be: the runs that were written by their hashes, all other bytes with those of the base.
 *
 * @param runs in the order of their bytes
 * @param nameAt what lies in a range of the base file, for the message
 * @throws EngineError `export-mismatch`
 */
export function compareBytes(
  base: ByteSource,
  written: ByteSource,
  runs: readonly WrittenRun[],
  nameAt: (offset: number, length: number) => string,
): void {
  if (written.byteLength !== base.byteLength) {
    const lengths = `expected ${base.byteLength} bytes, found ${written.byteLength}`
    throw mismatch(written.path, 'the whole file', lengths)
  }
  const requireSame = (start: number, end: number): void => {
    for (let offset = start; offset < end; offset += pieceBytes) {
      const length = Math.min(pieceBytes, end - offset)
      if (Buffer.compare(base.read(offset, length), written.read(offset, length)) === 0) continue
      const where = nameAt(offset, length)
      throw mismatch(written.path, where, 'expected the bytes of the base model, found others')
    }
  }
  let compared = 0
  for (const { name, offset, byteLength, sha256 } of runs) {
    requireSame(compared, offset)
    const found = createHash('sha256').update(written.read(offset, byteLength)).digest('hex')
    if (found !== sha256) {
      throw mismatch(written.path, `tensor '${name}'`, 'its data is not what training made of it')
    }
    compared = offset + byteLength
  }
  requireSame(compared, base.byteLength)
}

/** An exported file that is not what it should be. */
export function mismatch(path: string, where: string, reason: string): EngineError {
  const message = `'${path}' did not read back as written: ${where}: ${reason}`
  return new EngineError('export-mismatch', { path, where }, message)
}
