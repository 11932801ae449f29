import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { makeFolder } from '../formats/make-folder.js'

/** Makes the first folder 1, 2, 3, … under `parent` that is not there yet. @throws EngineError 'file-unwritable' */
export function freshFolder(parent: string): string {
  let number = 1
  while (existsSync(resolve(parent, String(number)))) number++
  const path = resolve(parent, String(number))
  makeFolder(path)
  return path
}
