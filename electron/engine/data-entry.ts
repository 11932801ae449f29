import { realpathSync, statSync } from 'node:fs'
import type { DataEntry } from '../ipc/data.js'
import type { EngineContext } from './context.js'
import type { KnownFile } from './known-files.js'
import { shownPath } from './shown-path.js'

/** A data file as the page shows it. */
export function dataEntry({ config }: Pick<EngineContext, 'config'>, file: KnownFile): DataEntry {
  const { handle, name, source, path, usedAt } = file
  return {
    data: handle,
    name,
    source: source === 'pasted' || source === 'embedded' ? source : 'file',
    fileBytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    location: source === 'embedded' ? `resources/demo/${name}` : shownPath(path, config().homeFolder),
    usedAt,
  }
}

/** Rows that came from a hub, which may be chosen like any other file from now on. */
export function fetchedRows(
  context: Pick<EngineContext, 'config' | 'files'>,
  path: string,
  name: string,
): DataEntry {
  return dataEntry(
    context,
    context.files.admit({ kind: 'data', path: realpathSync(path), name, source: 'hub' }),
  )
}
