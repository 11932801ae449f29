import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** The folder itself, or else the nearest one above it that is there. */
export function existingFolder(path: string): string {
  const full = resolve(path)
  return existsSync(full) || dirname(full) === full ? full : existingFolder(dirname(full))
}
