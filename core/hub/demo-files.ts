import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
