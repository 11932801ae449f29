import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { EngineError } from '../../schema/engine-error.js'
import { fileUnreadable } from '../file-unreadable.js'

const chunkBytes = 64 * 1024

/**
 * Opens a file for reading. Returns its descriptor.
 *
 * @throws file-unreadable, also for a folder or a device
 */
export function openFile(path: string): number {
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

/**
 * The bytes of a file from `start` on. A chunk holds until the next one is asked for.
 *
 * @throws file-unreadable
 */
export function* fileChunks(path: string, start = 0): Generator<Buffer> {
  const file = openFile(path)
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    for (let at = start; ;) {
      const filled = readAt(path, file, chunk, at)
      if (filled === 0) return
      at += filled
      yield chunk.subarray(0, filled)
    }
  } finally {
    closeSync(file)
  }
}

/** Fills as much of `target` as one read gives. Returns the number of bytes, 0 at the end. */
export function readAt(path: string, file: number, target: Uint8Array, position: number): number {
  try {
    return readSync(file, target, 0, target.length, position)
  } catch (cause) {
    throw fileUnreadable(path, cause)
  }
}
