import { isUtf8 } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { EngineError } from '../schema/engine-error.js'
import type { BadRows } from './bad-rows.js'
import { dataInvalid } from './data-error.js'
import { fileUnreadable } from './file-unreadable.js'

/** Longest line that is read, in bytes; also the longest record of a CSV file, in characters. */
export const maxLineBytes = 8 * 1024 * 1024

const chunkBytes = 64 * 1024
const newline = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = '\ufeff'

/** One line of a text file, without its line end. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

/**
 * Reads a UTF-8 file line by line, holding one chunk and one line. Line ends are LF or CRLF; a byte order mark is
 * dropped. Lines that are too long or not UTF-8 are reported as bad rows and left out.
 *
 * @throws file-unreadable, data-invalid
 */
export function* readLines(path: string, badRows: BadRows, limitBytes = maxLineBytes): Generator<Line> {
  const file = openFile(path)
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let number = 1
    // The start of a line that goes on in the next chunk; bytes past the limit are counted, not kept.
    let parts: Buffer[] = []
    let partBytes = 0
    const finish = (end: Buffer): Line | undefined => {
      const byteCount = partBytes + end.length
      const bytes = partBytes === 0 ? end : Buffer.concat([...parts, end])
      parts = []
      partBytes = 0
      if (byteCount <= limitBytes) return decodeLine(path, number, bytes, badRows)
      const problem = `expected a line of at most ${limitBytes} bytes, found ${byteCount}`
      badRows.report(dataInvalid(path, number, '', problem))
      return undefined
    }
    for (;;) {
      const filled = chunk.subarray(0, readChunk(path, file, chunk))
      if (filled.length === 0) break
      let start = 0
      for (let end = filled.indexOf(newline); end >= 0; end = filled.indexOf(newline, start)) {
        const line = finish(filled.subarray(start, end))
        if (line) yield line
        start = end + 1
        number++
      }
      const rest = filled.subarray(start)
      if (partBytes + rest.length <= limitBytes) parts.push(Buffer.from(rest))
      partBytes += rest.length
    }
    const last = partBytes > 0 ? finish(Buffer.alloc(0)) : undefined
    if (last) yield last
  } finally {
    closeSync(file)
  }
}

function decodeLine(path: string, number: number, bytes: Buffer, badRows: BadRows): Line | undefined {
  const end = bytes.length > 0 && bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length
  if (!isUtf8(bytes)) {
    badRows.report(
      dataInvalid(path, number, '', `expected UTF-8 text, found ${foundEncoding(number, bytes)}`),
    )
    return undefined
  }
  const text = bytes.toString('utf8', 0, end)
  return { number, text: number === 1 && text.startsWith(byteOrderMark) ? text.slice(1) : text }
}

function foundEncoding(number: number, bytes: Buffer): string {
  const mark = bytes.length > 1 ? bytes.readUInt16BE(0) : 0
  if (number === 1 && (mark === 0xfffe || mark === 0xfeff)) return 'UTF-16; save the file as UTF-8'
  return 'other bytes; save the file as UTF-8'
}

function openFile(path: string): number {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw fileUnreadable(path, cause)
  }
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  throw new EngineError('file-unreadable', { path }, `${path} should be a file, found a folder or a device`)
}

function readChunk(path: string, file: number, chunk: Buffer): number {
  try {
    return readSync(file, chunk)
  } catch (cause) {
    throw fileUnreadable(path, cause)
  }
}
