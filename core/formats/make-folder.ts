import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { explainFailures } from './atomic-file.js'

/**
 * Makes a folder and those above it that are missing; nothing where it exists.
 *
 * @throws EngineError 'file-unwritable'
 */
export function makeFolder(path: string): void {
  explainFailures(path, {}, () => makeMissing(path))
}

/** One by one: made at once, a read-only file system is reported as a missing folder. */
function makeMissing(path: string): void {
  if (existsSync(path)) return
  makeMissing(dirname(path))
  mkdirSync(path)
}
