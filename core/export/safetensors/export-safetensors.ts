import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import { writeFileAtomic } from '../../formats/atomic-file.js'
import { writeFolderAtomically } from '../../formats/atomic-folder.js'
import type { ByteSource } from '../../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../../formats/gguf/gguf-file.js'
import { writeSafetensors, type SafeTensorOutline } from '../../formats/safetensors/write-safetensors.js'
import type { ModelDescription } from '../../model/description.js'
import { openModelFolder } from '../../model/hugging-face/open-model-folder.js'
import { folderName, rowAfterPermutation, ggufName } from '../../model/hugging-face/tensor-map.js'
import { tensorNames } from '../../model/tensor-names.js'
import { encodeRows, rowShape, type ReadRow } from '../../quantization/encode-rows.js'
import { readRows } from '../../quantization/read-rows.js'
import { EngineError } from '../../schema/engine-error.js'
import { requireFreeSpace } from '../../formats/free-space.js'
import { refusePrompt } from '../refuse-prompt.js'
import { generationConfig } from '../onnx/model-config.js'
import { specialTokensMap, tokenizerConfig } from '../onnx/tokenizer-config.js'
import { trainedTensors } from '../trained-tensors.js'
import { folderConfig } from './folder-config.js'

export interface SafetensorsRequest {
  readonly source: ByteSource
  readonly file: GgufFile
  readonly description: ModelDescription
  readonly tokenizer: Tokenizer
  readonly changes: ModelChanges
  /** Where the folder will be; nothing may be there. */
  readonly folder: string
}

export interface SafetensorsExport {
  readonly folder: string
  /** Of all files. */
  readonly byteLength: number
  /** Largest `relativeError` of a value: what rounding to half floats costs. */
  readonly largestRoundingError: number
}

/** A tensor of the folder, and the one that it is made of. */
interface FolderTensor extends SafeTensorOutline {
  readonly base: GgufTensor
  /** Of the permuted heads; null where rows stay in order. */
  readonly headWidth: number | null
}

/** Bytes of a file that is begun; a single tensor may be larger. */
const shardBytes = 4 * 10 ** 9

/** What the folder will hold; matrices become F16, vectors F32. Throws `model-unsupported` for another architecture. */
export function planSafetensors({ file, description }: SafetensorsRequest): FolderTensor[] {
  const isPermuted = description.rope.layout === 'interleaved'
  return [...file.tensors.values()].flatMap((base) => {
    if (base.name === tensorNames.ropeFrequencies) return []
    const name = folderName(base.name)
    if (name === null) throw unsupported(file.path, base.name)
    const isVector = base.shape.length === 1
    const elements = base.shape.reduce((product, length) => product * length, 1)
    const heads = ggufName(name)?.heads ?? null
    return [
      {
        name,
        dtype: isVector ? 'F32' : 'F16',
        shape: base.shape,
        byteLength: elements * (isVector ? 4 : 2),
        base,
        headWidth: isPermuted && heads !== null ? description.headWidth : null,
      },
    ]
  })
}

/**
 * Writes a model, as training left it, as a folder that transformers loads: safetensors files of half floats with Hugging Face's
 * names and order of rows, config.json and tokenizer. Reads it back, and compares every tensor, before it gets its name.
 *
 * Memory: one tensor in the types of the file and in halves.
 *
 * @throws EngineError `file-exists`, `file-unwritable`, `model-unsupported`, `value-unrepresentable`, `export-mismatch`
 */
export function exportSafetensors(request: SafetensorsRequest): Promise<SafetensorsExport> {
  const { folder, file, description, tokenizer } = request
  refusePrompt(request.changes, 'a folder of weights')
  const tensors = planSafetensors(request)
  requireFreeSpace(folder, bytesOf(tensors))
  return writeFolderAtomically(folder, (temporary) => {
    const contents: Record<string, object> = {
      'config.json': folderConfig(description, tokenizer, file.path),
      'generation_config.json': generationConfig(description, tokenizer),
      'tokenizer.json': tokenizer.toJson(),
      'tokenizer_config.json': tokenizerConfig(tokenizer, file.metadata, description.contextLength),
      'special_tokens_map.json': specialTokensMap(tokenizer, file.metadata),
    }
    for (const [name, content] of Object.entries(contents)) {
      writeFileAtomic(join(temporary, name), `${JSON.stringify(content, null, 2)}\n`, { overwrite: false })
    }
    const { names, hashes, largestRoundingError } = writeTensors(temporary, tensors, request)
    verify(temporary, hashes)
    const files = [...Object.keys(contents), ...names]
    const byteLength = files.reduce((sum, name) => sum + statSync(join(temporary, name)).size, 0)
    return Promise.resolve({ folder, byteLength, largestRoundingError })
  })
}

interface WrittenTensors {
  readonly names: readonly string[]
  /** By GGUF's names, of rows in GGUF's order. */
  readonly hashes: ReadonlyMap<string, string>
  readonly largestRoundingError: number
}

function writeTensors(
  folder: string,
  tensors: readonly FolderTensor[],
  { source, file, description, changes }: SafetensorsRequest,
): WrittenTensors {
  const trained = new Map(
    trainedTensors(source, file, description.layerCount, changes).map((item) => [item.tensor.name, item]),
  )
  const shards = shardsOf(tensors)
  const hashes = new Map<string, string>()
  let largestRoundingError = 0
  const names = shards.map((shard, index) => {
    const name = shardName(index, shards.length)
    writeSafetensors(join(folder, name), shard, ({ base, dtype, headWidth, byteLength }) => {
      const read = trained.get(base.name)?.readRows(source) ?? readRows(source, base)
      const outline = { name: base.name, type: dtype, shape: base.shape, byteLength }
      const { bytes, roundingError } = encodeRows(outline, read)
      hashes.set(base.name, hashOf(bytes))
      largestRoundingError = Math.max(largestRoundingError, roundingError)
      return headWidth === null ? bytes : encodeRows(outline, inFolderOrder(read, base, headWidth)).bytes
    })
    return name
  })
  if (shards.length > 1) names.push(writeIndex(folder, shards))
  return { names, hashes, largestRoundingError }
}

/** Rows in Hugging Face's order; the values of a bias are rows of one. */
function inFolderOrder(read: ReadRow, base: GgufTensor, headWidth: number): ReadRow {
  if (base.shape.length === 2) return (row, target) => read(rowAfterPermutation(row, headWidth), target)
  const values = new Float32Array(rowShape(base).columns)
  return (_, target) => {
    read(0, values)
    values.forEach((_value, index) => (target[index] = values[rowAfterPermutation(index, headWidth)]))
  }
}

function shardsOf(tensors: readonly FolderTensor[]): FolderTensor[][] {
  const shards: FolderTensor[][] = []
  for (const tensor of tensors) {
    const last = shards.at(-1)
    if (last !== undefined && bytesOf(last) + tensor.byteLength <= shardBytes) last.push(tensor)
    else shards.push([tensor])
  }
  return shards
}

function shardName(index: number, count: number): string {
  const padded = (number: number): string => String(number).padStart(5, '0')
  return count === 1 ? 'model.safetensors' : `model-${padded(index + 1)}-of-${padded(count)}.safetensors`
}

function writeIndex(folder: string, shards: readonly (readonly FolderTensor[])[]): string {
  const name = 'model.safetensors.index.json'
  const entries = shards.flatMap((shard, index) =>
    shard.map((tensor) => [tensor.name, shardName(index, shards.length)] as const),
  )
  const index = {
    metadata: { total_size: shards.reduce((sum, shard) => sum + bytesOf(shard), 0) },
    weight_map: Object.fromEntries(entries),
  }
  writeFileAtomic(join(folder, name), `${JSON.stringify(index, null, 2)}\n`, { overwrite: false })
  return name
}

/** Opens the folder as our engine does, and compares all its tensors. */
function verify(folder: string, hashes: ReadonlyMap<string, string>): void {
  const { source, file } = openModelFolder(folder)
  try {
    for (const [name, hash] of hashes) {
      const tensor = file.tensors.get(name)
      if (tensor !== undefined && hashOf(source.read(tensor.offset, tensor.byteLength)) === hash) continue
      const where = `tensor '${name}'`
      const message = `'${folder}' did not read back as written: ${where}`
      throw new EngineError('export-mismatch', { path: folder, where }, message)
    }
  } finally {
    source.close()
  }
}

function bytesOf(tensors: readonly SafeTensorOutline[]): number {
  return tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function unsupported(path: string, name: string): EngineError {
  const feature = `a tensor '${name}'`
  const message = `'${path}' has ${feature}, which a safetensors folder cannot be written for`
  return new EngineError('model-unsupported', { path, feature }, message)
}
