import { statSync } from 'node:fs'
import { totalmem } from 'node:os'
import { defaultBudgetBytes, folderBytes, isOnnxModel, onnxBytes } from '../../core/index.js'
import type { EstimatedFit } from '../ipc/hub.js'
import type { ModelEntry } from '../ipc/models.js'
import type { EngineContext } from './context.js'
import type { KnownFile } from './known-files.js'
import { shownPath } from './shown-path.js'

/** A model file as the page shows it. */
export function modelEntry({ config }: Pick<EngineContext, 'config'>, file: KnownFile): ModelEntry {
  const { handle, name, source, path, usedAt } = file
  return {
    model: handle,
    name,
    source: source === 'pasted' ? 'file' : source,
    fileBytes: modelBytes(path) ?? 0,
    location: source === 'embedded' ? `resources/demo/${name}` : shownPath(path, config().homeFolder),
    usedAt,
  }
}

/** Bytes of a model file, or of the weights of a folder; null where neither is there. */
export function modelBytes(path: string): number | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats !== undefined && isOnnxModel(path)) return onnxBytes(path)
  if (stats?.isFile() === true) return stats.size
  return stats?.isDirectory() === true ? folderBytes(path) : null
}

const tightShare = 0.85

/** What is needed against what this machine gives. */
export function fitOfBytes(neededBytes: number): EstimatedFit {
  const budgetBytes = defaultBudgetBytes(totalmem())
  const isTight = neededBytes > tightShare * budgetBytes
  return {
    neededBytes,
    budgetBytes,
    verdict: neededBytes > budgetBytes ? 'exceeds' : isTight ? 'tight' : 'fits',
  }
}
