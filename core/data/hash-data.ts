import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import { fileChunks } from './files/open-file.js'
import { folderFiles, isFolder } from './folder.js'

/**
 * SHA-256 of a data file, a piece at a time; of a folder, over the names and hashes of its files.
 *
 * @param extensions of the files that are rows; those of texts unless said
 * @throws file-unreadable
 */
export function hashData(path: string, extensions?: ReadonlySet<string>): string {
  if (!isFolder(path)) return hashOf((hash) => addFile(hash, path))
  return hashOf((hash) => {
    for (const { name } of folderFiles(path, extensions)) {
      hash.update(`${name}\0${hashOf((file) => addFile(file, join(path, name)))}\n`)
    }
  })
}

function hashOf(fill: (hash: Hash) => void): string {
  const hash = createHash('sha256')
  fill(hash)
  return hash.digest('hex')
}

function addFile(hash: Hash, path: string): void {
  for (const chunk of fileChunks(path)) hash.update(chunk)
}
