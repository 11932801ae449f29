import { createHash } from 'node:crypto'
import { existsSync, realpathSync, rmSync } from 'node:fs'
import type { ModelChanges } from '../engine/model-changes.js'
import { writeAtomically } from '../formats/atomic-file.js'
import type { ByteSource } from '../formats/byte-source.js'
import { describeModel } from '../model/describe-model.js'
import { splitFusedTensors } from '../model/fused-tensors.js'
import { openModelFile } from '../model/open-model-file.js'
import { EngineError } from '../schema/engine-error.js'
import { convertGguf } from './convert-gguf.js'
import type { GgufExport } from './gguf-export.js'
import { requireFreeSpace } from '../formats/free-space.js'
import { refusePrompt } from './refuse-prompt.js'
import { trainedTensors, type TrainedTensor } from './trained-tensors.js'
import { verifyGguf, type WrittenTensor } from './verify-gguf.js'

export interface GgufExportRequest {
  /** The model that was trained. */
  readonly basePath: string
  /** Where the adapted model will be; nothing may be there. */
  readonly target: string
  readonly changes: ModelChanges
}

/**
 * Writes the adapted model as the same file with other numbers in the trained tensors: every byte outside of them, and so all
 * metadata, types and the order, is the base file's; where only scales changed, so are the codes. Low-rank branches are
 * merged as well as the file's types can hold them. Then reads it back and compares it byte by byte. A model
 * that is not one GGUF file becomes one, with the types that it has.
 *
 * @throws EngineError `file-exists`, `file-unwritable`, `file-unreadable`, `model-malformed`, `model-unsupported`,
 *   `value-unrepresentable`, `export-mismatch`, `request-invalid` for a soft prompt
 */
export function exportGguf({ basePath, target, changes }: GgufExportRequest): GgufExport {
  refusePrompt(changes, 'a GGUF file')
  refuseBase(basePath, target)
  const { source: base, file, isOneFile } = openModelFile(basePath)
  try {
    const { layerCount } = describeModel(file, base)
    if (!isOneFile) return convertGguf({ source: base, file, layerCount, type: null, changes }, target)
    const trained = trainedTensors(base, splitFusedTensors(file), layerCount, changes)
    requireFreeSpace(target, base.byteLength)
    const { written, largestRoundingError } = writeWithTrained(base, target, trained)
    const sha256 = verifyOrRemove(base, target, written)
    return {
      path: target,
      byteLength: base.byteLength,
      sha256,
      trainedTensorCount: trained.length,
      keepsBase: true,
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

/** Copies `base` to `target` with the data of the trained tensors in place of its own. */
function writeWithTrained(
  base: ByteSource,
  target: string,
  trained: readonly TrainedTensor[],
): { written: WrittenTensor[]; largestRoundingError: number } {
  const { byteLength } = base
  const written: WrittenTensor[] = []
  let largestRoundingError = 0
  writeAtomically(target, { overwrite: false, byteLength }, (append) => {
    const copy = (start: number, end: number): void => {
      for (let offset = start; offset < end; offset += pieceBytes) {
        append(base.read(offset, Math.min(pieceBytes, end - offset)))
      }
    }
    let copied = 0
    for (const { tensor, encode } of trained) {
      copy(copied, tensor.offset)
      const { bytes, roundingError } = encode(base)
      append(bytes)
      written.push({ tensor, sha256: createHash('sha256').update(bytes).digest('hex') })
      largestRoundingError = Math.max(largestRoundingError, roundingError)
      copied = tensor.offset + tensor.byteLength
    }
    copy(copied, byteLength)
  })
  return { written, largestRoundingError }
}

/** A file that is not what it should be does not stay. */
function verifyOrRemove(base: ByteSource, target: string, written: readonly WrittenTensor[]): string {
  try {
    return verifyGguf(base, target, written)
  } catch (thrown) {
    rmSync(target, { force: true })
    throw thrown
  }
}
