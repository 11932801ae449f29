import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ModelChanges } from '../../engine/model-changes.js'
import { openByteSource } from '../../formats/byte-source.js'
import { writeFolderAtomically } from '../../formats/atomic-folder.js'
import { requireFreeSpace } from '../../formats/free-space.js'
import { openOnnxModel, type OpenOnnxModel } from '../../model/onnx/open-onnx-model.js'
import { compareBytes, type WrittenRun } from '../compare-bytes.js'
import { trainedTensors, type TrainedTensor } from '../trained-tensors.js'
import { compareRows } from './compare-rows.js'
import { copyFile, namesIn, overwriteRuns, textFilesOf } from './copy-folder.js'
import { graphPatches } from './graph-patches.js'

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
    const weights = namesIn(from, base.graph.sources)
    const names = [...new Set([...weights, ...textFilesOf(from)])]
    const byteLength = names.reduce((sum, name) => sum + statSync(join(from, name)).size, 0)
    requireFreeSpace(folder, byteLength)
    return writeFolderAtomically(folder, (temporary) => {
      for (const name of names) copyFile(from, name, temporary)
      const { runs, largestRoundingError } = writePatches(base, trained, weights, temporary)
      verify(base, trained, { weights, runs }, temporary)
      const trainedTensorCount = trained.length
      return Promise.resolve({
        folder,
        byteLength,
        trainedTensorCount,
        keepsBase: true as const,
        largestRoundingError,
      })
    }).finally(() => base.source.close())
  } catch (thrown) {
    base.source.close()
    throw thrown
  }
}

/** Runs of each file, in the order of the files. */
type RunsOfFiles = readonly (readonly WrittenRun[])[]

function writePatches(
  base: OpenOnnxModel,
  trained: readonly TrainedTensor[],
  names: readonly string[],
  target: string,
): { readonly runs: RunsOfFiles; readonly largestRoundingError: number } {
  const runs: WrittenRun[][] = names.map(() => [])
  let largestRoundingError = 0
  for (const { tensor, bytes, roundingError } of graphPatches(base, trained)) {
    const { name, source, offset, byteLength } = tensor
    const file = base.graph.sources.indexOf(source)
    overwriteRuns(join(target, names[file]), [{ offset, bytes }])
    runs[file].push({ name, offset, byteLength, sha256: createHash('sha256').update(bytes).digest('hex') })
    largestRoundingError = Math.max(largestRoundingError, roundingError)
  }
  return { runs, largestRoundingError }
}

interface WrittenFiles {
  readonly weights: readonly string[]
  readonly runs: RunsOfFiles
}

function verify(
  base: OpenOnnxModel,
  trained: readonly TrainedTensor[],
  { weights, runs }: WrittenFiles,
  target: string,
): void {
  weights.forEach((name, file) => {
    const written = openByteSource(join(target, name))
    try {
      const inOrder = runs[file].toSorted((left, right) => left.offset - right.offset)
      compareBytes(base.graph.sources[file], written, inOrder, rangeOf)
    } finally {
      written.close()
    }
  })
  const [graph] = base.graph.sources
  const isFolder = graph.path !== base.file.path
  const found = openOnnxModel(isFolder ? target : join(target, weights[0]))
  try {
    compareRows(base, found, trained)
  } finally {
    found.source.close()
  }
}

function rangeOf(offset: number, length: number): string {
  return `the ${length} bytes from ${offset} on`
}
