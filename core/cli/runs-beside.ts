import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { NamedRun } from '../training/earlier-task.js'
import { isRunFolder } from '../training/run-folder.js'

/** Entries of a folder that are looked at. */
const mostEntries = 2000

/** Runs in the folder in which a run is to be made; none where it is not there yet. */
export function runsBeside(run: string): NamedRun[] {
  const folder = dirname(resolve(run))
  return entriesOf(folder)
    .slice(0, mostEntries)
    .map((name) => ({ name, path: join(folder, name) }))
    .filter(({ path }) => isRunFolder(path))
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
