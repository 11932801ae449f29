import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { EngineError } from '../schema/engine-error.js'

/**
 * Refuses to begin a file that will not fit on its disk. A folder that does not exist is left to the writing itself.
 *
 * @throws EngineError 'file-unwritable'
 */
export function requireFreeSpace(path: string, byteLength: number): void {
  const free = freeBytes(dirname(path))
  if (free === null || free >= byteLength) return
  throw new EngineError(
    'file-unwritable',
    { path },
    `Cannot write '${path}': it will have ${byteLength} bytes, but only ${free} are free there`,
  )
}

/** Bytes that can be written in a folder; null where it is not there or does not say. */
export function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return null
  }
}
