import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openByteSource, type ByteSource } from '../../formats/byte-source.js'
import { compareBytes, type WrittenRun } from '../compare-bytes.js'
import { copyFile, namesIn, overwriteRuns, textFilesOf } from './copy-folder.js'
import type { NewData } from './write-blocks.js'

/** The files of a model in ONNX: those with its graph and its data, and the texts beside them. */
export interface ModelFiles {
  readonly folder: string
  readonly sources: readonly ByteSource[]
  /** In the folder, of `sources` in their order. */
  readonly weights: readonly string[]
  /** Of all files. */
  readonly names: readonly string[]
  readonly byteLength: number
}

/** @param folder of the texts; the sources are in it or below it. Throws as `node:fs` */
export function modelFiles(folder: string, sources: readonly ByteSource[]): ModelFiles {
  const weights = namesIn(folder, sources)
  const names = [...new Set([...weights, ...textFilesOf(folder)])]
  const byteLength = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  return { folder, sources, weights, names, byteLength }
}

/**
 * Writes a model's files to a folder with other data in some tensors, and compares them with the model's own byte by byte.
 *
 * @returns how many tensors changed, and the largest `relativeError` of a number in them
 * @throws EngineError `file-unwritable`, `file-unreadable`, `export-mismatch`, and what making the data throws
 */
export function writeSameFiles(
  { folder, sources, weights, names }: ModelFiles,
  patches: Iterable<NewData>,
  target: string,
): { readonly changedTensorCount: number; readonly largestRoundingError: number } {
  for (const name of names) copyFile(folder, name, target)
  const runs: WrittenRun[][] = weights.map(() => [])
  let largestRoundingError = 0
  for (const { tensor, bytes, roundingError } of patches) {
    const { name, source, offset, byteLength } = tensor
    const file = sources.indexOf(source)
    overwriteRuns(join(target, weights[file]), [{ offset, bytes }])
    runs[file].push({ name, offset, byteLength, sha256: createHash('sha256').update(bytes).digest('hex') })
    largestRoundingError = Math.max(largestRoundingError, roundingError)
  }
  weights.forEach((name, file) => {
    const written = openByteSource(join(target, name))
    try {
      const inOrder = runs[file].toSorted((left, right) => left.offset - right.offset)
      compareBytes(sources[file], written, inOrder, rangeOf)
    } finally {
      written.close()
    }
  })
  return { changedTensorCount: runs.flat().length, largestRoundingError }
}

function rangeOf(offset: number, length: number): string {
  return `the ${length} bytes from ${offset} on`
}
