import { rowProblem } from '../schema/row-problems.js'
import type { BadRows } from './bad-rows.js'
import { dataInvalid } from './data-error.js'
import { decodeText } from './files/encoding.js'
import { textChunks, type TextFile } from './files/text-file.js'

/** Longest line that is read, in bytes; also the longest record of a CSV file, in characters. */
export const maxLineBytes = 8 * 1024 * 1024

/** One line of a text file, without its line end. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** Where it starts in the uncompressed file, in bytes. */
  readonly offset: number
  /** Where the next line starts. */
  readonly end: number
}

/** A place between two lines of a file. */
export interface LinePlace {
  readonly offset: number
  /** Of the line that starts there. */
  readonly number: number
}

/**
 * Reads a text file line by line, holding one chunk and one line. Lines that are too long or not in the file's encoding are
 * reported as bad rows and left out.
 *
 * @param from where to begin; a line must start there
 * @throws file-unreadable, data-invalid
 */
export function* readLines(
  file: TextFile,
  badRows: BadRows,
  from: LinePlace = { offset: 0, number: 1 },
  limitBytes = maxLineBytes,
): Generator<Line> {
  const { path, encoding } = file
  const end = lineEndOf(file)
  let number = from.number
  let offset = from.offset === 0 ? file.markBytes : from.offset
  let consumed = offset
  // The start of a line that goes on in the next chunk; bytes past the limit are counted, not kept.
  let parts: Buffer[] = []
  let partBytes = 0
  const finish = (last: Buffer, next: number): Line | undefined => {
    const byteCount = partBytes + last.length
    const bytes = partBytes === 0 ? last : Buffer.concat([...parts, last])
    parts = []
    partBytes = 0
    if (byteCount > limitBytes) {
      const problem = rowProblem('line-long', { total: limitBytes, count: byteCount })
      badRows.report(dataInvalid(path, number, '', problem))
      return undefined
    }
    const text = decodeText(bytes, encoding)
    if (text !== undefined) return { number, text: withoutCr(text), offset, end: next }
    const problem = rowProblem('encoding-other', { encoding: encoding.toUpperCase() })
    badRows.report(dataInvalid(path, number, '', problem))
    return undefined
  }
  for (const chunk of alignedChunks(textChunks(file, offset), end.width)) {
    let start = 0
    for (let at = end.find(chunk, start); at >= 0; at = end.find(chunk, start)) {
      const next = consumed + at + end.width
      const line = finish(chunk.subarray(start, at), next)
      if (line) yield line
      start = at + end.width
      offset = next
      number++
    }
    const rest = chunk.subarray(start)
    if (partBytes + rest.length <= limitBytes) parts.push(Buffer.from(rest))
    partBytes += rest.length
    consumed += chunk.length
  }
  const last = partBytes > 0 ? finish(Buffer.alloc(0), consumed) : undefined
  if (last) yield last
}

function withoutCr(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}

/** How the end of a line is found. */
interface LineEnd {
  /** Bytes of one code unit. */
  readonly width: 1 | 2
  /** Where the next line end begins, or −1. */
  find(chunk: Buffer, start: number): number
}

function lineEndOf({ encoding, lineEnd }: TextFile): LineEnd {
  const byte = lineEnd === 'lf' ? 0x0a : 0x0d
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') {
    return { width: 1, find: (chunk, start) => chunk.indexOf(byte, start) }
  }
  const [low, high] = encoding === 'utf-16le' ? [0, 1] : [1, 0]
  return {
    width: 2,
    find: (chunk, start) => {
      for (let at = chunk.indexOf(byte, start); at >= 0; at = chunk.indexOf(byte, at + 1)) {
        if (at % 2 === low && chunk[at - low + high] === 0) return at - low
      }
      return -1
    },
  }
}

/** The same bytes in chunks of whole code units; a single byte at the end comes alone. */
function* alignedChunks(chunks: Iterable<Buffer>, width: 1 | 2): Generator<Buffer> {
  if (width === 1) {
    yield* chunks
    return
  }
  let rest = Buffer.alloc(0)
  for (const chunk of chunks) {
    const joined = Buffer.concat([rest, chunk])
    const whole = joined.length - (joined.length % 2)
    if (whole > 0) yield joined.subarray(0, whole)
    rest = joined.subarray(whole)
  }
  if (rest.length > 0) yield rest
}
