import { closeSync, fstatSync, openSync, read, readSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { EngineError } from '../schema/engine-error.js'

/** Random access to the bytes of a file, a range at a time, so that a large file never has to be in memory. */
export interface ByteSource {
  /** What errors call the file. */
  readonly path: string
  readonly byteLength: number
  /** Tells the file, as it is, from any other: device, number, size and times of change. Null for bytes in memory. */
  readonly stamp: string | null
  /** When anything of the file changed last, in milliseconds since 1970. */
  readonly changedMs: number
  /** A fresh copy of `length` bytes. Throws `file-unreadable` where the range leaves the file. */
  read(offset: number, length: number): Uint8Array
  /** As `read`, to look at until the next call only: memory that is used again, or the bytes themselves. */
  view(offset: number, length: number): Uint8Array
  /** Fills `target`. Throws `file-unreadable` where the range leaves the file. */
  readInto(offset: number, target: Uint8Array): void
  /** As `readInto`, while the program goes on. */
  readAhead(offset: number, target: Uint8Array): Promise<void>
  /** Throws `file-unreadable` where the file was written to since it was opened. One put in its place does no harm. */
  checkUnchanged(): void
  close(): void
}

/**
 * Opens a regular file for reading.
 *
 * @throws EngineError `file-unreadable` for a missing file, a folder, a device, or one without permission
 */
export function openByteSource(path: string): ByteSource {
  const descriptor = openRegularFile(path)
  const { size: byteLength, mtimeMs, ctimeMs: changedMs } = fstatSync(descriptor)
  const { dev, ino, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true })
  const readInto = (offset: number, target: Uint8Array): void => {
    checkRange(path, byteLength, offset, target.byteLength)
    for (let done = 0; done < target.byteLength;) {
      const count = readSome(path, descriptor, target, done, offset + done)
      if (count === 0) throw shortRead(path, offset, target.byteLength, done)
      done += count
    }
  }
  let viewed = new Uint8Array(0)
  return {
    path,
    byteLength,
    view: (offset, length) => {
      checkRange(path, byteLength, offset, length)
      if (viewed.byteLength < length) viewed = new Uint8Array(length)
      const bytes = viewed.subarray(0, length)
      readInto(offset, bytes)
      return bytes
    },
    stamp: [dev, ino, byteLength, mtimeNs, ctimeNs].join(':'),
    changedMs,
    readInto,
    readAhead: async (offset, target) => {
      checkRange(path, byteLength, offset, target.byteLength)
      for (let done = 0; done < target.byteLength;) {
        const count = await readSomeAhead(path, descriptor, target, done, offset + done)
        if (count === 0) throw shortRead(path, offset, target.byteLength, done)
        done += count
      }
    },
    read: (offset, length) => {
      checkRange(path, byteLength, offset, length)
      const bytes = new Uint8Array(length)
      readInto(offset, bytes)
      return bytes
    },
    checkUnchanged: () => {
      const now = fstatSync(descriptor)
      if (now.size !== byteLength || now.mtimeMs !== mtimeMs)
        throw unreadable(path, 'it was changed while in use')
    },
    close: () => closeSync(descriptor),
  }
}

/** The same interface over bytes in memory. */
export function bytesSource(bytes: Uint8Array, path: string): ByteSource {
  return {
    path,
    byteLength: bytes.byteLength,
    view: (offset, length) => {
      checkRange(path, bytes.byteLength, offset, length)
      return bytes.subarray(offset, offset + length)
    },
    stamp: null,
    changedMs: 0,
    read: (offset, length) => {
      checkRange(path, bytes.byteLength, offset, length)
      return new Uint8Array(bytes.subarray(offset, offset + length))
    },
    readInto: (offset, target) => {
      checkRange(path, bytes.byteLength, offset, target.byteLength)
      target.set(bytes.subarray(offset, offset + target.byteLength))
    },
    readAhead: (offset, target) => {
      checkRange(path, bytes.byteLength, offset, target.byteLength)
      target.set(bytes.subarray(offset, offset + target.byteLength))
      return Promise.resolve()
    },
    checkUnchanged: () => undefined,
    close: () => undefined,
  }
}

/** The kind of file is checked before opening, because opening a pipe waits for its other end. */
function openRegularFile(path: string): number {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) throw unreadable(path, 'expected a file, found a folder')
    if (!stats.isFile()) throw unreadable(path, 'expected a regular file, found a device or pipe')
    return openSync(path, 'r')
  } catch (thrown) {
    throw readFailure(path, thrown)
  }
}

/** The system refuses more than 2 GiB in one call. */
const largestRead = 2 ** 30

function readSome(
  path: string,
  descriptor: number,
  target: Uint8Array,
  start: number,
  position: number,
): number {
  try {
    const length = Math.min(target.byteLength - start, largestRead)
    return readSync(descriptor, target, start, length, position)
  } catch (thrown) {
    throw readFailure(path, thrown)
  }
}

const readPromise = promisify(read)

async function readSomeAhead(
  path: string,
  descriptor: number,
  target: Uint8Array,
  start: number,
  position: number,
): Promise<number> {
  try {
    const length = Math.min(target.byteLength - start, largestRead)
    const { bytesRead } = await readPromise(descriptor, target, start, length, position)
    return bytesRead
  } catch (thrown) {
    throw readFailure(path, thrown)
  }
}

function checkRange(path: string, byteLength: number, offset: number, length: number): void {
  const available = Math.max(0, byteLength - offset)
  if (offset < 0 || length > available) throw shortRead(path, offset, length, available)
}

function shortRead(path: string, offset: number, expected: number, found: number): EngineError {
  return unreadable(path, `expected ${expected} bytes at offset ${offset}, found ${found}`)
}

function unreadable(path: string, reason: string, cause?: unknown): EngineError {
  return new EngineError('file-unreadable', { path }, `Cannot read '${path}': ${reason}`, { cause })
}

const systemReasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EACCES', 'no permission to read it'],
  ['EPERM', 'no permission to read it'],
  ['EMFILE', 'too many files are open'],
])

/** Puts a failure of the file system into words. */
function readFailure(path: string, thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown as EngineError
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return unreadable(path, systemReasons.get(code) ?? message, thrown)
}
