import { join } from 'node:path'
import { fileBytes, foldersIn, listFolder } from './list-folder.js'
import { ggufFilesIn } from './lm-studio-models.js'
import { mostModels, type LocalLibrary, type LocalModel } from './local-model.js'

/**
 * GGUF files in the Hugging Face cache: `models--OWNER--NAME/snapshots/REVISION/FILE`, links to blobs.
 *
 * @param folder the cache's `hub` folder
 */
export function listHuggingFaceModels(folder: string): LocalLibrary {
  const models: LocalModel[] = []
  let skippedCount = 0
  for (const repository of foldersIn(folder).filter((name) => name.startsWith('models--'))) {
    const snapshots = join(folder, repository, 'snapshots')
    for (const revision of foldersIn(snapshots)) {
      for (const file of ggufFilesIn(join(snapshots, revision))) {
        if (models.length === mostModels) break
        const path = join(snapshots, revision, file)
        const byteLength = fileBytes(path)
        const name = `${repository.slice('models--'.length).replaceAll('--', '/')}/${file}`
        if (byteLength === null) skippedCount++
        else models.push({ source: 'hugging-face', name, path, byteLength })
      }
    }
  }
  return { source: 'hugging-face', folder, isFound: listFolder(folder).length > 0, models, skippedCount }
}
