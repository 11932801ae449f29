import { closeSync } from 'node:fs'
import { decodeText } from '../files/encoding.js'
import { openFile, readAt } from '../files/open-file.js'
import type { TextFile } from '../files/text-file.js'
import type { LinePlace } from '../read-lines.js'

const chunkBytes = 1024 * 1024
const lineFeed = 0x0a
const space = 0x20
/** First byte of the first white space beyond ASCII in UTF-8. */
const wideSpace = 0xc2
/** Longer lines are not blank, or nobody means them to be rows. */
const longestBlank = 1024

/** What is told of each line that is not blank: where it starts, and its number. */
export type LineFound = (offset: number, number: number) => void

/** True for files whose lines can be found by their bytes alone. */
export function hasPlainLines({ compression, encoding, lineEnd }: TextFile): boolean {
  return compression === null && lineEnd === 'lf' && !encoding.startsWith('utf-16')
}

/**
 * Finds the lines of a file that are not blank, without looking at what they say: as fast as it is read, in one chunk of memory.
 *
 * @param file with plain lines
 * @param isBlank whether the text of a line counts as nothing
 * @returns yields how many bytes were read so far
 * @throws file-unreadable
 */
export function* scanLines(
  { path, encoding, markBytes }: TextFile,
  from: LinePlace,
  isBlank: (text: string) => boolean,
  found: LineFound,
): Generator<number, void> {
  const file = openFile(path)
  const chunk = Buffer.allocUnsafe(chunkBytes)
  let at = from.offset === 0 ? markBytes : from.offset
  let start = at
  let { number } = from
  const isRow = (end: number): boolean => {
    const length = end - start
    if (length === 0 || length > longestBlank) return length > 0
    // A line may begin in a chunk before this one.
    const bytes = start >= at ? chunk.subarray(start - at, end - at) : readPiece(path, file, start, length)
    const [first] = bytes
    if (first > space && first < wideSpace) return true
    const text = decodeText(bytes, encoding)
    return text === undefined || !isBlank(text.endsWith('\r') ? text.slice(0, -1) : text)
  }
  try {
    for (;;) {
      const filled = readAt(path, file, chunk, at)
      if (filled === 0) break
      const content = chunk.subarray(0, filled)
      for (let next = content.indexOf(lineFeed); next >= 0; next = content.indexOf(lineFeed, next + 1)) {
        if (isRow(at + next)) found(start, number)
        start = at + next + 1
        number++
      }
      at += filled
      yield at
    }
    if (isRow(at)) found(start, number)
  } finally {
    closeSync(file)
  }
}

function readPiece(path: string, file: number, offset: number, length: number): Buffer {
  const piece = Buffer.alloc(length)
  readAt(path, file, piece, offset)
  return piece
}
