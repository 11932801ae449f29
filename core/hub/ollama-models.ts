import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fileBytes, foldersIn, listFolder } from './list-folder.js'
import { mostModels, type LocalLibrary, type LocalModel } from './local-model.js'

const largestManifestBytes = 1 << 20
const modelLayer = 'application/vnd.ollama.image.model'
const defaultRegistry = 'registry.ollama.ai'
const defaultNamespace = 'library'

const manifest = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string() })).max(100),
})

/**
 * Models of Ollama: a manifest `manifests/REGISTRY/NAMESPACE/MODEL/TAG` names its layers, the one of type model is a GGUF file
 * `blobs/sha256-…`.
 *
 * @param folder Ollama's folder of models
 */
export function listOllamaModels(folder: string): LocalLibrary {
  const models: LocalModel[] = []
  let skippedCount = 0
  for (const { name, path } of manifestsIn(join(folder, 'manifests'))) {
    if (models.length === mostModels) break
    const model = modelOf(folder, name, path)
    if (model === null) skippedCount++
    else models.push(model)
  }
  return { source: 'ollama', folder, isFound: listFolder(folder).length > 0, models, skippedCount }
}

function* manifestsIn(root: string): Generator<{ readonly name: string; readonly path: string }> {
  for (const registry of foldersIn(root)) {
    for (const namespace of foldersIn(join(root, registry))) {
      for (const model of foldersIn(join(root, registry, namespace))) {
        const folder = join(root, registry, namespace, model)
        for (const tag of listFolder(folder).filter((entry) => entry.isFile())) {
          yield { name: shownName(registry, namespace, model, tag.name), path: join(folder, tag.name) }
        }
      }
    }
  }
}

/** What a person types after `ollama run`. */
function shownName(registry: string, namespace: string, model: string, tag: string): string {
  const host = registry === defaultRegistry ? '' : `${registry}/`
  const owner = host === '' && namespace === defaultNamespace ? '' : `${namespace}/`
  return `${host}${owner}${model}:${tag}`
}

/** Null where the manifest names no model that is there. */
function modelOf(folder: string, name: string, path: string): LocalModel | null {
  const digest = modelDigest(path)
  if (digest === null) return null
  const blob = join(folder, 'blobs', `sha256-${digest}`)
  const byteLength = fileBytes(blob)
  return byteLength === null ? null : { source: 'ollama', name, path: blob, byteLength }
}

/** The hexadecimal digits of the model layer's digest; anything else could name a file elsewhere. */
function modelDigest(path: string): string | null {
  if ((fileBytes(path) ?? Infinity) > largestManifestBytes) return null
  try {
    const { layers } = manifest.parse(JSON.parse(readFileSync(path, 'utf8')))
    const digest = layers.find(({ mediaType }) => mediaType === modelLayer)?.digest ?? ''
    return /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] ?? null
  } catch {
    return null
  }
}
