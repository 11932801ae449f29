import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ModelChanges } from '../../engine/model-changes.js'
import { writeFolderAtomically } from '../../formats/atomic-folder.js'
import { requireFreeSpace } from '../../formats/free-space.js'
import { openOnnxModel, type OpenOnnxModel } from '../../model/onnx/open-onnx-model.js'
import { trainedTensors, type TrainedTensor } from '../trained-tensors.js'
import { compareRows } from './compare-rows.js'
import { graphPatches } from './graph-patches.js'
import { modelFiles, writeSameFiles, type ModelFiles } from './same-files.js'

export interface SameGraphRequest {
  /** The model in ONNX that was trained. */
  readonly basePath: string
  readonly layerCount: number
  /** Where the folder will be; nothing may be there. */
  readonly folder: string
  readonly changes: ModelChanges
}

/** A folder with the graph of its base. */
export interface SameGraphExport {
  readonly folder: string
  /** Of all files. */
  readonly byteLength: number
  readonly trainedTensorCount: number
  /** Every byte outside of trained tensors is the base's. */
  readonly keepsBase: true
  /** Largest `relativeError` of a stored number. */
  readonly largestRoundingError: number
}

/**
 * Writes a trained model in ONNX as the same files with other numbers in the tensors that training changed; the files of its tokenizer
 * and configuration are copied. Then reads it back: every byte outside of these tensors is compared with the base's, and every trained
 * tensor, opened as the engine opens it, with what training made of it.
 *
 * @throws EngineError `file-exists`, `file-unwritable`, `file-unreadable`, `value-unrepresentable`, `export-mismatch`, and those of
 *   `openOnnxModel`
 */
export function exportSameGraph(request: SameGraphRequest): Promise<SameGraphExport> {
  const { basePath, folder, changes, layerCount } = request
  const base = openOnnxModel(basePath)
  try {
    const trained = trainedTensors(base.source, base.file, layerCount, changes)
    const from = statSync(basePath).isDirectory() ? basePath : dirname(basePath)
    const files = modelFiles(from, base.graph.sources)
    requireFreeSpace(folder, files.byteLength)
    return writeFolderAtomically(folder, (temporary) => {
      const { largestRoundingError } = writeSameFiles(files, graphPatches(base, trained), temporary)
      verify(base, trained, files, temporary)
      return Promise.resolve({
        folder,
        byteLength: files.byteLength,
        trainedTensorCount: trained.length,
        keepsBase: true as const,
        largestRoundingError,
      })
    }).finally(() => base.source.close())
  } catch (thrown) {
    base.source.close()
    throw thrown
  }
}

function verify(
  base: OpenOnnxModel,
  trained: readonly TrainedTensor[],
  { weights }: ModelFiles,
  target: string,
): void {
  const [graph] = base.graph.sources
  const isFolder = graph.path !== base.file.path
  const found = openOnnxModel(isFolder ? target : join(target, weights[0]))
  try {
    compareRows(base, found, trained)
  } finally {
    found.source.close()
  }
}
