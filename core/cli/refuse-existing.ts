import { existsSync } from 'node:fs'
import { EngineError } from '../schema/engine-error.js'

/** @throws EngineError 'file-exists' before anything long is done; the writers check again. */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return
  throw new EngineError(
    'file-exists',
    { path },
    `'${path}' already exists and is not written over; choose another name`,
  )
}
