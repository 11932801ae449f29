import { readdirSync, statSync, type Dirent } from 'node:fs'

/** Entries of a folder by name; none where it is missing or may not be read. */
export function listFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).toSorted((left, right) =>
      left.name.localeCompare(right.name),
    )
  } catch {
    return []
  }
}

/** Names of the folders in a folder. */
export function foldersIn(path: string): string[] {
  return listFolder(path)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** Bytes of a regular file, links followed; null where there is none. */
export function fileBytes(path: string): number | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isFile() === true ? stats.size : null
}
