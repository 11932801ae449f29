import { createHash } from 'node:crypto'
import { openByteSource, type ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { hashModel } from '../model/hash.js'
import { EngineError } from '../schema/engine-error.js'

const pieceBytes = 4 * 2 ** 20

/** A tensor whose data was written anew. */
export interface WrittenTensor {
  readonly tensor: GgufTensor
  /** Of its data, in hexadecimal. */
  readonly sha256: string
}

/**
 * Reads an exported file back and compares it with what it should be: the trained tensors by their hashes, all other bytes
 * with those of the base.
 *
 * @returns SHA-256 of the file, in hexadecimal
 * @throws EngineError `export-mismatch` naming the tensor, and whatever `readGguf` throws
 */
export function verifyGguf(base: ByteSource, path: string, trained: readonly WrittenTensor[]): string {
  const written = openByteSource(path)
  try {
    if (written.byteLength !== base.byteLength) {
      const lengths = `expected ${base.byteLength} bytes, found ${written.byteLength}`
      throw mismatch(path, 'the whole file', lengths)
    }
    let compared = 0
    for (const { tensor, sha256 } of trained) {
      const { name, offset, byteLength } = tensor
      requireSame(base, written, compared, offset)
      const found = createHash('sha256').update(written.read(offset, byteLength)).digest('hex')
      if (found !== sha256) {
        throw mismatch(path, `tensor '${name}'`, 'its data is not what training made of it')
      }
      compared = offset + byteLength
    }
    requireSame(base, written, compared, base.byteLength)
    readGguf(written)
    return hashModel(written)
  } finally {
    written.close()
  }
}

/** Compares bytes `start` … `end` − 1 of two files, a piece at a time. */
function requireSame(base: ByteSource, written: ByteSource, start: number, end: number): void {
  for (let offset = start; offset < end; offset += pieceBytes) {
    const length = Math.min(pieceBytes, end - offset)
    if (sameBytes(base.read(offset, length), written.read(offset, length))) continue
    const where = nameAt(base, offset, length)
    throw mismatch(written.path, where, 'expected the bytes of the base model, found others')
  }
}

/** What lies in a range of the base file, for the message. */
function nameAt(base: ByteSource, offset: number, length: number): string {
  for (const tensor of readGguf(base).tensors.values()) {
    if (tensor.offset < offset + length && offset < tensor.offset + tensor.byteLength) {
      return `the ${length} bytes from ${offset} on, at tensor '${tensor.name}'`
    }
  }
  return `the ${length} bytes from ${offset} on`
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

function mismatch(path: string, where: string, reason: string): EngineError {
  const message = `'${path}' did not read back as written: ${where}: ${reason}`
  return new EngineError('export-mismatch', { path, where }, message)
}
