import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError } from '../schema/engine-error.js'

/** How a file is put in place. */
export interface AtomicWriteOptions {
  /** Whether something already there may be replaced. */
  readonly overwrite: boolean
  /** Bytes that the whole file will have, for the message of a full disk. */
  readonly byteLength?: number
}

/** Appends bytes to the file being written. */
export type Append = (bytes: Uint8Array) => void

/** A file that is being written; its name holds what it held until `finish`. */
export interface AtomicFile {
  readonly append: Append
  /** Flushes it to the disk and puts it in place. @throws EngineError as `writeAtomically` */
  finish(): void
  /** Removes what was written; does nothing after `finish`. */
  abandon(): void
}

/**
 * Begins a file so that at any moment its name holds the old content or the new, never a part: a temporary file in the same
 * folder, flushed to the disk, then renamed.
 *
 * @throws EngineError `file-unwritable`, `file-exists` where `overwrite` is false
 */
export function startAtomicFile(path: string, options: AtomicWriteOptions): AtomicFile {
  refuseExisting(path, options)
  const folder = dirname(path)
  const temporary = join(folder, `.zerotune-${randomUUID()}.tmp`)
  const explained = <T>(action: () => T): T => explainFailures(path, options, action)
  const descriptor = explained(() => openSync(temporary, 'wx'))
  let [isOpen, isInPlace] = [true, false]
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    explained(() => closeSync(descriptor))
  }
  return {
    append: (bytes) => explained(() => appendAll(descriptor, bytes)),
    finish: () => {
      explained(() => fsyncSync(descriptor))
      close()
      refuseExisting(path, options)
      explained(() => renameSync(temporary, path))
      isInPlace = true
      syncFolder(folder)
    },
    abandon: () => {
      if (isInPlace) return
      try {
        close()
      } finally {
        rmSync(temporary, { force: true })
      }
    },
  }
}

/**
 * Writes a whole file as `startAtomicFile` does. The temporary file is removed when `write` fails.
 *
 * @throws EngineError `file-unwritable`, `file-exists` where `overwrite` is false; anything that `write` throws
 */
export function writeAtomically(
  path: string,
  options: AtomicWriteOptions,
  write: (append: Append) => void,
): void {
  const file = startAtomicFile(path, options)
  try {
    write(file.append)
    file.finish()
  } finally {
    file.abandon()
  }
}

/** Replaces a file by `data` (text as UTF-8). Throws as `writeAtomically`. */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly overwrite: boolean } = { overwrite: true },
): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  writeAtomically(path, { ...options, byteLength: bytes.byteLength }, (append) => append(bytes))
}

function refuseExisting(path: string, { overwrite }: AtomicWriteOptions): void {
  if (overwrite || !existsSync(path)) return
  throw new EngineError('file-exists', { path }, `'${path}' already exists and is not written over`)
}

function appendAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength;) done += writeSync(descriptor, bytes, done)
}

/** Makes a rename in a folder durable, where the system can: Windows and some network file systems cannot. */
export function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // What was renamed is complete under its name, which is all that a caller can be promised there.
  }
}

const systemReasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file system cannot hold a file that large'],
  ['EACCES', 'no permission to write there'],
  ['EPERM', 'no permission to write there'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'there is no such folder'],
  ['ENOTDIR', 'there is no such folder'],
  ['EISDIR', 'a folder has that name'],
])

/** Runs `action`; what the system refuses becomes a `file-unwritable` that says why, about `path`. */
export function explainFailures<T>(
  path: string,
  { byteLength }: Pick<AtomicWriteOptions, 'byteLength'>,
  action: () => T,
): T {
  try {
    return action()
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    const reason = systemReasons.get(code) ?? (thrown instanceof Error ? thrown.message : String(thrown))
    const needed = code === 'ENOSPC' && byteLength !== undefined ? `; ${byteLength} bytes are needed` : ''
    const message = `Cannot write '${path}': ${reason}${needed}`
    throw new EngineError('file-unwritable', { path }, message, { cause: thrown })
  }
}
