import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError } from '../schema/engine-error.js'
import { requestInvalid } from '../schema/request-invalid.js'

/** `mezo/sst2`: a folder and a name, both plain words. */
const named = /^[a-z0-9-]+\/[a-z0-9-]+$/

/**
 * The file of a task: the path itself where there is such a file, otherwise one of those that come with the program.
 *
 * @param start folder from which upwards they are looked for
 * @throws EngineError 'request-invalid' for a name of that kind that none has
 */
export function findTask(name: string, start: string = import.meta.dirname): string {
  if (!named.test(name) || existsSync(name)) return name
  for (let folder = start; ; folder = dirname(folder)) {
    const tasks = join(folder, 'resources', 'tasks')
    const file = join(tasks, `${name}.json`)
    if (existsSync(file)) return file
    if (existsSync(tasks)) throw unknownTask(name, tasks)
    if (dirname(folder) === folder) return name
  }
}

function unknownTask(name: string, tasks: string): EngineError {
  const folders = readdirSync(tasks, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const known = folders.flatMap(({ name: folder }) =>
    readdirSync(join(tasks, folder)).map((file) => `${folder}/${file.replace(/\.json$/, '')}`),
  )
  const issue = `expected a task file or one of ${known.join(', ')}; found '${name}'`
  return requestInvalid(issue)
}
