import { rowProblem } from '../../schema/row-problems.js'
import { dataInvalid } from '../data-error.js'
import { binaryKind } from './binary-kind.js'
import { compressionOf, decompressed, type Compression } from './decompress.js'
import { detectEncoding, type Encoding } from './encoding.js'
import { fileChunks } from './open-file.js'

/** How the bytes of a text file become text. */
export interface TextFile {
  readonly path: string
  readonly compression: Compression | null
  readonly encoding: Encoding
  /** Of the byte order mark at its start. */
  readonly markBytes: number
  /** What ends a line; CRLF counts as LF. Only very old files have CR alone. */
  readonly lineEnd: 'lf' | 'cr'
}

const sampleBytes = 256 * 1024

/**
 * Looks at the start of a file: compressed or not, and in which encoding.
 *
 * @throws file-unreadable, data-invalid for bytes that are no text
 */
export function openTextFile(path: string): TextFile {
  const compression = compressionOf(firstBytes(path, null, 4))
  const sample = firstBytes(path, compression, sampleBytes)
  const kind = binaryKind(sample)
  const found = kind === null ? detectEncoding(sample) : null
  if (found === null) {
    const problem = rowProblem('text-file-expected', { found: kind ?? rowProblem('file-other', {}) })
    throw dataInvalid(path, 0, '', problem)
  }
  const isCr = sample.includes(0x0d) && !sample.includes(0x0a)
  return { path, compression, ...found, lineEnd: isCr ? 'cr' : 'lf' }
}

/**
 * The bytes of a text file, uncompressed, from `start` on. Of a compressed file everything before is read too. A chunk holds
 * until the next one is asked for.
 *
 * @throws file-unreadable, data-invalid for damaged compressed data
 */
export function* textChunks(
  { path, compression }: Pick<TextFile, 'path' | 'compression'>,
  start = 0,
): Generator<Buffer> {
  if (compression === null) {
    yield* fileChunks(path, start)
    return
  }
  let before = start
  for (const chunk of decompressed(path, fileChunks(path), compression)) {
    if (chunk.length > before) yield chunk.subarray(before)
    before = Math.max(0, before - chunk.length)
  }
}

function firstBytes(path: string, compression: Compression | null, count: number): Buffer {
  const parts: Buffer[] = []
  let length = 0
  for (const chunk of textChunks({ path, compression })) {
    parts.push(Buffer.from(chunk))
    length += chunk.length
    if (length >= count) break
  }
  return Buffer.concat(parts).subarray(0, count)
}
