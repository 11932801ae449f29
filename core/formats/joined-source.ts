import { EngineError } from '../schema/engine-error.js'
import { bytesSource, type ByteSource } from './byte-source.js'
import { bytesOf } from './bytes-of.js'

/** A run of bytes that is read from somewhere. */
export interface SourcePiece {
  readonly byteLength: number
  /** Fills `target` with the piece's bytes from `offset` on. */
  readonly readInto: (offset: number, target: Uint8Array) => void
  /** As `readInto`, while the program goes on. */
  readonly readAhead: (offset: number, target: Uint8Array) => Promise<void>
}

/**
 * Pieces one after the other, as one file that nobody has to write.
 *
 * @param path what errors call it
 * @param sources what the pieces are read from; they are closed with it
 */
export function joinedSource(
  path: string,
  pieces: readonly SourcePiece[],
  sources: readonly ByteSource[],
): ByteSource {
  const starts: number[] = []
  let byteLength = 0
  for (const piece of pieces) {
    starts.push(byteLength)
    byteLength += piece.byteLength
  }
  const checkRange = (offset: number, length: number): void => {
    if (offset >= 0 && offset + length <= byteLength) return
    const reason = `expected ${length} bytes at offset ${offset}, found ${byteLength} in all`
    throw new EngineError('file-unreadable', { path }, `Cannot read '${path}': ${reason}`)
  }
  /** The pieces that a range lies in, where in them, and which part of `target` they fill. */
  function* partsOf(offset: number, target: Uint8Array): Generator<[SourcePiece, number, Uint8Array]> {
    checkRange(offset, target.byteLength)
    for (let done = 0, index = pieceAt(starts, offset); done < target.byteLength; index++) {
      const within = offset + done - starts[index]
      const length = Math.min(pieces[index].byteLength - within, target.byteLength - done)
      yield [pieces[index], within, target.subarray(done, done + length)]
      done += length
    }
  }
  const readInto = (offset: number, target: Uint8Array): void => {
    for (const [piece, within, part] of partsOf(offset, target)) piece.readInto(within, part)
  }
  let viewed = new Uint8Array(0)
  return {
    path,
    byteLength,
    view: (offset, length) => {
      if (viewed.byteLength < length) viewed = new Uint8Array(length)
      const bytes = viewed.subarray(0, length)
      readInto(offset, bytes)
      return bytes
    },
    stamp: sources.every(({ stamp }) => stamp !== null) ? sources.map(({ stamp }) => stamp).join('+') : null,
    changedMs: Math.max(0, ...sources.map(({ changedMs }) => changedMs)),
    readInto,
    readAhead: async (offset, target) => {
      for (const [piece, within, part] of partsOf(offset, target)) await piece.readAhead(within, part)
    },
    read: (offset, length) => {
      checkRange(offset, length)
      const bytes = new Uint8Array(length)
      readInto(offset, bytes)
      return bytes
    },
    checkUnchanged: () => sources.forEach((source) => source.checkUnchanged()),
    close: () => sources.forEach((source) => source.close()),
  }
}

/** A part of a file as a piece. */
export function pieceOf(source: ByteSource, start: number, byteLength: number): SourcePiece {
  return {
    byteLength,
    readInto: (offset, target) => source.readInto(start + offset, target),
    readAhead: (offset, target) => source.readAhead(start + offset, target),
  }
}

/** Numbers in memory as a piece. */
export function pieceOfNumbers(values: Float32Array): SourcePiece {
  const bytes = bytesOf(values)
  return pieceOf(bytesSource(bytes, 'numbers in memory'), 0, bytes.byteLength)
}

/** The last piece that starts at or before `offset`. */
function pieceAt(starts: readonly number[], offset: number): number {
  let [first, end] = [0, starts.length]
  while (end - first > 1) {
    const middle = (first + end) >> 1
    if (starts[middle] <= offset) first = middle
    else end = middle
  }
  return first
}
