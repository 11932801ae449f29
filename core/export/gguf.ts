import { existsSync, realpathSync, rmSync } from 'node:fs'
import type { FactorsOf } from '../engine/decoder-weights.js'
import { writeAtomically } from '../formats/atomic-file.js'
import { openByteSource, type ByteSource } from '../formats/byte-source.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { describeModel } from '../model/describe-model.js'
import { EngineError } from '../schema/engine-error.js'
import { requireFreeSpace } from './free-space.js'
import { trainedBytes, trainedTensors, type TrainedTensor } from './trained-tensors.js'
import { verifyGguf } from './verify-gguf.js'

export interface GgufExportRequest {
  /** The model that was trained. */
  readonly basePath: string
  /** Where the adapted model will be; nothing may be there. */
  readonly target: string
  readonly factorsOf: FactorsOf
}

export interface GgufExport {
  readonly path: string
  readonly byteLength: number
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly sha256: string
  readonly trainedTensorCount: number
  /** Largest relative error of a scale (see `scaleTensorBytes`): what rounding to the file's own type costs. */
  readonly largestRoundingError: number
}

/**
 * Writes the adapted model as the same file with other scales: every byte outside of the trained tensors' scales, and so
 * all metadata, types and the order, is the base file's. Then reads it back and compares it byte by byte.
 *
 * @throws EngineError `file-exists`, `file-unwritable`, `file-unreadable`, `model-malformed`, `model-unsupported`,
 *   `value-unrepresentable`, `export-mismatch`
 */
export function exportGguf({ basePath, target, factorsOf }: GgufExportRequest): GgufExport {
  refuseBase(basePath, target)
  const base = openByteSource(basePath)
  try {
    const file = readGguf(base)
    const trained = trainedTensors(file, describeModel(file, base).layerCount, factorsOf)
    requireFreeSpace(target, base.byteLength)
    const largestRoundingError = writeWithTrained(base, target, trained)
    const sha256 = verifyOrRemove(base, target, trained)
    return {
      path: target,
      byteLength: base.byteLength,
      sha256,
      trainedTensorCount: trained.length,
      largestRoundingError,
    }
  } finally {
    base.close()
  }
}

/** Links count as the file they lead to. */
function refuseBase(basePath: string, target: string): void {
  if (!existsSync(basePath) || !existsSync(target)) return
  if (realpathSync(basePath) !== realpathSync(target)) return
  throw new EngineError(
    'file-exists',
    { path: target },
    `'${target}' is the base model itself, which is never written over; choose another name`,
  )
}

const pieceBytes = 4 * 2 ** 20

/** Copies `base` to `target` with the data of the trained tensors in place of its own. Returns the rounding error. */
function writeWithTrained(base: ByteSource, target: string, trained: readonly TrainedTensor[]): number {
  const { byteLength } = base
  let largestError = 0
  writeAtomically(target, { overwrite: false, byteLength }, (append) => {
    const copy = (start: number, end: number): void => {
      for (let offset = start; offset < end; offset += pieceBytes) {
        append(base.read(offset, Math.min(pieceBytes, end - offset)))
      }
    }
    let copied = 0
    for (const each of trained) {
      copy(copied, each.tensor.offset)
      const { bytes, roundingError } = trainedBytes(base, each)
      append(bytes)
      largestError = Math.max(largestError, roundingError)
      copied = each.tensor.offset + each.tensor.byteLength
    }
    copy(copied, byteLength)
  })
  return largestError
}

/** A file that is not what it should be does not stay. */
function verifyOrRemove(base: ByteSource, target: string, trained: readonly TrainedTensor[]): string {
  try {
    return verifyGguf(base, target, trained)
  } catch (thrown) {
    rmSync(target, { force: true })
    throw thrown
  }
}
