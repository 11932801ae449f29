import { openByteSource, type ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { hashModel } from '../model/hash.js'
import { compareBytes } from './compare-bytes.js'

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
    const runs = trained.map(({ tensor: { name, offset, byteLength }, sha256 }) => ({
      name,
      offset,
      byteLength,
      sha256,
    }))
    compareBytes(base, written, runs, (offset, length) => nameAt(base, offset, length))
    readGguf(written)
    return hashModel(written)
  } finally {
    written.close()
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
