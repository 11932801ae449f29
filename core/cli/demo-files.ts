import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../formats/make-folder.js'
import { EngineError } from '../schema/engine-error.js'

/** The example that comes with the program. */
export interface DemoFiles {
  readonly model: string
  readonly train: string
  readonly dev: string
  readonly task: string
}

/**
 * Finds the example, from this file's folder upwards: sources and built files lie at different depths.
 *
 * @throws EngineError 'file-unreadable'
 */
export function findDemo(start: string = import.meta.dirname): DemoFiles {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = (name: string): string => join(folder, 'resources', 'demo', name)
    const files = {
      model: file('zerotune-demo.Q4_1.gguf'),
      train: file('train.tsv'),
      dev: file('dev.tsv'),
      task: file('task.json'),
    }
    if (Object.values(files).every((path) => existsSync(path))) return files
    if (dirname(folder) !== folder) continue
    const path = 'resources/demo'
    throw new EngineError('file-unreadable', { path }, `the example (${path}) is not beside this program`)
  }
}

/** Makes the first folder 1, 2, 3, … under `parent` that is not there yet. @throws EngineError 'file-unwritable' */
export function freshFolder(parent: string): string {
  let number = 1
  while (existsSync(resolve(parent, String(number)))) number++
  const path = resolve(parent, String(number))
  makeFolder(path)
  return path
}
