import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { EngineError } from '../schema/engine-error.js'

/**
 * An append-only file of JSON lines, each after its checksum: `crc32 SPACE json NEWLINE`. A line counts once its newline is
 * there; a torn last line is dropped when the log is opened.
 */
export class CheckedLog<T> {
  readonly #descriptor: number
  readonly #path: string
  #opened: T[]

  /**
   * Opens or creates a log and reads what it holds.
   *
   * @throws EngineError 'run-invalid' where a line before the last is damaged, 'file-unreadable'
   */
  constructor(path: string, parse: (value: unknown) => T) {
    this.#path = path
    this.#descriptor = guarded(path, () => openSync(path, 'a+'))
    const bytes = guarded(path, () => readFileSync(path))
    const { entries, validBytes } = readEntries(bytes, path, parse)
    this.#opened = entries
    if (validBytes < bytes.length) ftruncateSync(this.#descriptor, validBytes)
  }

  /** Adds an entry; it is in the file's cache when this returns, so it outlives the process. */
  append(entry: T): void {
    const json = JSON.stringify(entry)
    guarded(this.#path, () => writeSync(this.#descriptor, `${checksum(json)} ${json}\n`))
  }

  /** What the log held when it was opened. Given once, and nothing else is kept: a log does not grow in memory with its file. */
  takeOpened(): T[] {
    const entries = this.#opened
    this.#opened = []
    return entries
  }

  /** Waits until everything is on the disk, so that it outlives the machine's power. */
  sync(): void {
    guarded(this.#path, () => fsyncSync(this.#descriptor))
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/** The entries of a log without opening it for writing. Throws as the constructor does. */
export function readLog<T>(path: string, parse: (value: unknown) => T): T[] {
  return readEntries(
    guarded(path, () => readFileSync(path)),
    path,
    parse,
  ).entries
}

/**
 * Entries of a long log, evenly spread: those whose number, counted from 1, is a multiple of some power of two, and the last.
 * Only these are checked and parsed, so that a log of a hundred thousand entries takes a fraction of a second.
 *
 * @param mostEntries how many there are at most, the last aside
 * @throws EngineError 'run-invalid' where one of them is damaged, 'file-unreadable'
 */
export function sampleLog<T>(path: string, parse: (value: unknown) => T, mostEntries: number): T[] {
  const bytes = guarded(path, () => readFileSync(path))
  const ends: number[] = []
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, end + 1)) ends.push(end)
  const stride = 2 ** Math.max(0, Math.ceil(Math.log2(ends.length / mostEntries)))
  return ends.flatMap((end, index) => {
    const isLast = index === ends.length - 1
    if (!isLast && (index + 1) % stride !== 0) return []
    const json = checkedJson(bytes, index === 0 ? 0 : ends[index - 1] + 1, end)
    if (json !== null) return [parse(JSON.parse(json))]
    if (isLast) return []
    throw damagedLine(path, index + 1)
  })
}

function readEntries<T>(
  bytes: Buffer,
  path: string,
  parse: (value: unknown) => T,
): { entries: T[]; validBytes: number } {
  const entries: T[] = []
  let start = 0
  for (let end = bytes.indexOf(10, start); end !== -1; end = bytes.indexOf(10, start)) {
    const json = checkedJson(bytes, start, end)
    if (json === null) {
      // A power cut can tear the last line before its newline's block; anything earlier is damage.
      if (end === bytes.length - 1) return { entries, validBytes: start }
      throw damagedLine(path, entries.length + 1)
    }
    entries.push(parse(JSON.parse(json)))
    start = end + 1
  }
  return { entries, validBytes: start }
}

/** The text of the line from `start` to before `end`, or null where it does not match its checksum. */
function checkedJson(bytes: Buffer, start: number, end: number): string | null {
  const line = bytes.toString('utf8', start, end)
  const json = line.slice(9)
  return line.slice(0, 8) === checksum(json) ? json : null
}

function damagedLine(path: string, number: number): EngineError {
  const where = `line ${number}`
  return new EngineError('run-invalid', { path, where }, `${path}: ${where} does not match its checksum`)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    const full = (thrown as NodeJS.ErrnoException).code === 'ENOSPC'
    throw new EngineError(
      'file-unwritable',
      { path },
      full
        ? `the disk is full: ${path} could not be written; what was written so far is kept`
        : `${path}: ${reason}`,
      { cause: thrown },
    )
  }
}
