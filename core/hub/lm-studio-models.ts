import { join } from 'node:path'
import { fileBytes, foldersIn, listFolder } from './list-folder.js'
import { mostModels, type LocalLibrary, type LocalModel } from './local-model.js'

/** Models of LM Studio: `PUBLISHER/REPOSITORY/FILE.gguf`. */
export function listLmStudioModels(folder: string): LocalLibrary {
  const models: LocalModel[] = []
  let skippedCount = 0
  for (const publisher of foldersIn(folder)) {
    for (const repository of foldersIn(join(folder, publisher))) {
      for (const file of ggufFilesIn(join(folder, publisher, repository))) {
        if (models.length === mostModels) break
        const path = join(folder, publisher, repository, file)
        const byteLength = fileBytes(path)
        if (byteLength === null) skippedCount++
        else
          models.push({ source: 'lm-studio', name: `${publisher}/${repository}/${file}`, path, byteLength })
      }
    }
  }
  return { source: 'lm-studio', folder, isFound: listFolder(folder).length > 0, models, skippedCount }
}

/** Names of model files; the image parts of models that see are none. */
export function ggufFilesIn(folder: string): string[] {
  return listFolder(folder)
    .map(({ name }) => name)
    .filter((name) => /\.gguf$/i.test(name) && !/^mmproj/i.test(name))
}
