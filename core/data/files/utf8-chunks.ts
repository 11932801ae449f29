import { textChunks, type TextFile } from './text-file.js'
import type { Encoding } from './encoding.js'

/** The encoding of what `utf8Chunks` gives: the file's own where ASCII is ASCII in it, else UTF-8. */
export function asciiEncoding({ encoding }: TextFile): Encoding {
  return isWide(encoding) ? 'utf-8' : encoding
}

/**
 * The bytes of a text file without its byte order mark; UTF-16 as UTF-8, so that brackets and quotes are single bytes.
 *
 * @param start offset in what is given
 * @throws file-unreadable, data-invalid for damaged compressed data
 */
export function* utf8Chunks(file: TextFile, start = 0): Generator<Buffer> {
  const { encoding, markBytes } = file
  if (!isWide(encoding)) {
    yield* textChunks(file, markBytes + start)
    return
  }
  const decoder = new TextDecoder(encoding)
  let before = start
  for (const chunk of textChunks(file, markBytes)) {
    const bytes = Buffer.from(decoder.decode(chunk, { stream: true }))
    if (bytes.length > before) yield bytes.subarray(before)
    before = Math.max(0, before - bytes.length)
  }
}

function isWide(encoding: Encoding): boolean {
  return encoding === 'utf-16le' || encoding === 'utf-16be'
}
