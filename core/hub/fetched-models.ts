import { join } from 'node:path'
import { fileBytes, foldersIn, listFolder } from './list-folder.js'
import { ggufFilesIn } from './lm-studio-models.js'
import { mostModels, type LocalLibrary, type LocalModel } from './local-model.js'

const deepest = 3

/** Models that this program fetched: `OWNER/NAME/…`, each a GGUF file, the first part of a split one, or the folder itself. */
export function listFetchedModels(root: string): LocalLibrary {
  const models: LocalModel[] = []
  for (const owner of foldersIn(root).filter((name) => name !== 'datasets' && !name.startsWith('.'))) {
    for (const repository of foldersIn(join(root, owner))) {
      for (const model of modelsIn(join(root, owner, repository), `${owner}/${repository}`, deepest)) {
        if (models.length < mostModels) models.push(model)
      }
    }
  }
  return { source: 'hub', folder: root, isFound: listFolder(root).length > 0, models, skippedCount: 0 }
}

function modelsIn(folder: string, name: string, depth: number): LocalModel[] {
  const files = ggufFilesIn(folder).filter((file) => !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(file))
  const ggufs = files.flatMap((file) =>
    modelAt(join(folder, file), `${name}/${file}`, fileBytes(join(folder, file))),
  )
  const deeper = depth === 0 ? [] : foldersIn(folder)
  return [
    ...ggufs,
    ...modelAt(folder, name, folderBytes(folder)),
    ...deeper.flatMap((inner) => modelsIn(join(folder, inner), `${name}/${inner}`, depth - 1)),
  ]
}

function modelAt(path: string, name: string, byteLength: number | null): LocalModel[] {
  return byteLength === null ? [] : [{ source: 'hub', name, path, byteLength }]
}

/** Bytes of the weights of a whole folder of safetensors; null for any other folder, and while a part is missing. */
export function folderBytes(folder: string): number | null {
  const names = listFolder(folder).map(({ name }) => name)
  const weights = names.filter((name) => name.endsWith('.safetensors'))
  const isWhole = ['config.json', 'tokenizer.json'].every((name) => names.includes(name))
  if (!isWhole || weights.length === 0 || names.some((name) => name.endsWith('.part'))) return null
  return weights.reduce((sum, name) => sum + (fileBytes(join(folder, name)) ?? 0), 0)
}
