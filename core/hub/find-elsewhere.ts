import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Repository } from './hub-api.js'
import { fileBytes } from './list-folder.js'
import type { LocalModel } from './local-model.js'
import type { Offer } from './offered-files.js'

/** Where other programs keep models; null or empty where a person has none of it. */
export interface LibraryFolders {
  readonly ollama: string | null
  readonly lmStudio: readonly string[]
  readonly huggingFace: string | null
}

/** The same file, kept by another program. */
export interface FoundElsewhere extends Pick<LocalModel, 'source' | 'path'> {
  /** `hash`: its place is named after its hash. `name`: repository, file name and size are the same. */
  readonly by: 'hash' | 'name'
}

/**
 * Whether another program on this computer has the file of an offer already, so that it can be used where it is. Null for offers
 * of several files.
 */
export function findElsewhere(
  { name }: Pick<Repository, 'name'>,
  { files }: Pick<Offer, 'files'>,
  { ollama, lmStudio, huggingFace }: LibraryFolders,
): FoundElsewhere | null {
  if (files.length !== 1) return null
  const [{ path: file, byteLength, sha256 }] = files
  const isThere = (path: string): boolean => fileBytes(path) === byteLength
  if (sha256 !== null && ollama !== null) {
    const path = join(ollama, 'blobs', `sha256-${sha256}`)
    if (isThere(path)) return { source: 'ollama', path, by: 'hash' }
  }
  if (sha256 !== null && huggingFace !== null) {
    const path = join(huggingFace, `models--${name.replace('/', '--')}`, 'blobs', sha256)
    if (isThere(path)) return { source: 'hugging-face', path, by: 'hash' }
  }
  for (const folder of lmStudio) {
    const path = join(folder, ...name.split('/'), ...file.split('/'))
    if (isThere(path)) return { source: 'lm-studio', path: realpathSync(path), by: 'name' }
  }
  return null
}
