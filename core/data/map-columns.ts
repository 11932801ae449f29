import { basename } from 'node:path'
import { notice } from '../schema/notices.js'
import { closestName } from './closest-name.js'
import { dataInvalid } from './data-error.js'
import { hasColumn } from './row.js'

/** Which column of the file stands for each column that the task names. */
export interface ColumnMapping {
  readonly columnOf: (name: string) => string
  /** What a person should know about it. */
  readonly notices: readonly string[]
}

/**
 * Finds the columns that a task needs. Where the file differs from the training file in the name of one column only,
 * the new name stands for the old.
 *
 * @param needed columns that the task names
 * @param found columns of the file
 * @param known columns of the training file, where this is another one
 * @throws data-invalid for a column that is not there
 */
export function mapColumns(
  path: string,
  needed: readonly string[],
  found: readonly string[],
  known: readonly string[] = [],
): ColumnMapping {
  const notFound = known.filter((column) => !found.includes(column))
  const notKnown = found.filter((column) => !known.includes(column))
  const renamed = notFound.length === 1 && notKnown.length === 1 ? notFound[0] : undefined
  const substitutes = new Map<string, string>()
  for (const name of needed) {
    if (hasColumn(found, name)) continue
    const substitute = name === renamed ? notKnown[0] : undefined
    if (substitute === undefined) throw unknownColumn(path, name, found)
    substitutes.set(name, substitute)
  }
  return {
    columnOf: (name) => substitutes.get(name) ?? name,
    notices: [...substitutes].map(([name, own]) =>
      notice('column-renamed', { file: basename(path), name, own }),
    ),
  }
}

/** The error for a column that the file does not have. */
export function unknownColumn(path: string, name: string, found: readonly string[]): Error {
  const closest = closestName(name, found)
  const hint = closest === undefined ? '' : `; did you mean '${closest}'?`
  const list = found.length > 0 ? found.map((column) => `'${column}'`).join(', ') : 'none'
  return dataInvalid(path, 0, name, `the file has no such column; its columns are ${list}${hint}`)
}
