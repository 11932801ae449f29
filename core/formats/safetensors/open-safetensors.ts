import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { EngineError } from '../../schema/engine-error.js'
import { openByteSource, type ByteSource } from '../byte-source.js'
import { readJsonFile } from '../read-json-file.js'
import { readSafetensors, type SafeTensor } from './read-safetensors.js'

/** A tensor, and the open file that has it. */
export interface PlacedTensor extends SafeTensor {
  readonly source: ByteSource
}

/** The tensors of a folder's safetensors files. */
export interface OpenSafetensors {
  readonly tensors: ReadonlyMap<string, PlacedTensor>
  readonly sources: readonly ByteSource[]
}

const indexName = 'model.safetensors.index.json'
const mostFiles = 512
const mostIndexBytes = 32 * 2 ** 20
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

/**
 * Opens all safetensors files of a model: those that its index names, or the one that is there. No name in an index leads out of
 * the folder.
 *
 * @throws EngineError `file-unreadable`, `model-malformed`
 */
export function openSafetensors(folder: string): OpenSafetensors {
  const sources: ByteSource[] = []
  const tensors = new Map<string, PlacedTensor>()
  try {
    for (const name of fileNames(folder)) {
      const source = openByteSource(join(folder, name))
      sources.push(source)
      for (const tensor of readSafetensors(source).values()) {
        if (tensors.has(tensor.name)) {
          throw malformed(source.path, `tensor '${tensor.name}'`, 'another file has it too')
        }
        tensors.set(tensor.name, { ...tensor, source })
      }
    }
    return { tensors, sources }
  } catch (thrown) {
    for (const source of sources) source.close()
    throw thrown
  }
}

function fileNames(folder: string): readonly string[] {
  const indexPath = join(folder, indexName)
  if (!existsSync(indexPath)) return [singleFile(folder)]
  const index = indexSchema.safeParse(readJsonFile(indexPath, mostIndexBytes))
  if (!index.success) throw malformed(indexPath, 'weight_map', 'expected a file name for each tensor')
  const names = [...new Set(Object.values(index.data.weight_map))].toSorted()
  const bad = names.find((name) => !/^[\w.-]+\.safetensors$/.test(name))
  if (bad !== undefined) throw malformed(indexPath, 'weight_map', `'${bad}' is no file name in this folder`)
  if (names.length === 0 || names.length > mostFiles) {
    throw malformed(indexPath, 'weight_map', `expected 1 to ${mostFiles} files, found ${names.length}`)
  }
  return names
}

function singleFile(folder: string): string {
  const found = readdirSync(folder).filter((name) => name.endsWith('.safetensors'))
  if (found.includes('model.safetensors')) return 'model.safetensors'
  if (found.length === 1) return found[0]
  const reason =
    found.length === 0
      ? 'there is no safetensors file in this folder'
      : `there are ${found.length} safetensors files, but no ${indexName}`
  throw new EngineError('file-unreadable', { path: folder }, `Cannot read '${folder}': ${reason}`)
}

function malformed(path: string, where: string, reason: string): EngineError {
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}
