import { statSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../formats/atomic-file.js'
import { writeFolderAtomically } from '../../formats/atomic-folder.js'
import { requireFreeSpace } from '../../formats/free-space.js'
import { writeSafetensors, type SafeTensorOutline } from '../../formats/safetensors/write-safetensors.js'
import { openModelFolder } from '../../model/hugging-face/open-model-folder.js'
import { EngineError } from '../../schema/engine-error.js'
import { generationConfig } from '../onnx/model-config.js'
import { specialTokensMap, tokenizerConfig } from '../onnx/tokenizer-config.js'
import { refusePrompt } from '../refuse-prompt.js'
import { folderConfig } from './folder-config.js'
import { FolderData, hashOf } from './folder-data.js'
import { planSafetensors, type FolderTensor, type SafetensorsRequest } from './plan-safetensors.js'

export interface SafetensorsExport {
  readonly folder: string
  /** Of all files. */
  readonly byteLength: number
  /** Largest `relativeError` of a value: what rounding to half floats costs. */
  readonly largestRoundingError: number
}

/** Bytes of a file that is begun; a single tensor may be larger. */
const shardBytes = 4 * 10 ** 9

/**
 * Writes a model, as training left it, as a folder that transformers loads: safetensors files of half floats with Hugging Face's
 * names and order of rows, config.json and tokenizer. Reads it back, and compares every tensor, before it gets its name.
 *
 * With a quantizer, the linears of blocks are its codes; transformers loads NF4, by bitsandbytes, and no other.
 *
 * Memory: one tensor in the types of the file and in halves.
 *
 * @param tensors as `planSafetensors` gives them
 * @throws EngineError `file-exists`, `file-unwritable`, `model-unsupported`, `value-unrepresentable`, `export-mismatch`
 */
export function exportSafetensors(
  request: SafetensorsRequest,
  tensors: readonly FolderTensor[] = planSafetensors(request),
): Promise<SafetensorsExport> {
  const { folder, file, description, tokenizer, quantizer } = request
  refusePrompt(request.changes, 'a folder of weights')
  requireFreeSpace(folder, bytesOf(tensors))
  return writeFolderAtomically(folder, (temporary) => {
    const contents: Record<string, object> = {
      'config.json': {
        ...folderConfig(description, tokenizer, file.path),
        ...(quantizer !== undefined && { quantization_config: quantizer.config }),
      },
      'generation_config.json': generationConfig(description, tokenizer),
      'tokenizer.json': tokenizer.toJson(),
      'tokenizer_config.json': tokenizerConfig(tokenizer, file.metadata, description.contextLength),
      'special_tokens_map.json': specialTokensMap(tokenizer, file.metadata),
    }
    for (const [name, content] of Object.entries(contents)) {
      writeFileAtomic(join(temporary, name), `${JSON.stringify(content, null, 2)}\n`, { overwrite: false })
    }
    const data = new FolderData(request)
    const names = writeTensors(temporary, tensors, data)
    verify(temporary, data.hashes)
    const { largestRoundingError } = data
    const files = [...Object.keys(contents), ...names]
    const byteLength = files.reduce((sum, name) => sum + statSync(join(temporary, name)).size, 0)
    return Promise.resolve({ folder, byteLength, largestRoundingError })
  })
}

/** Writes the files of weights and, of several, their index. Returns their names. */
function writeTensors(folder: string, tensors: readonly FolderTensor[], data: FolderData): string[] {
  const shards = shardsOf(tensors)
  const names = shards.map((shard, index) => {
    const name = shardName(index, shards.length)
    writeSafetensors(join(folder, name), shard, (tensor) => data.of(tensor))
    return name
  })
  if (shards.length > 1) names.push(writeIndex(folder, shards))
  return names
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
      if (tensor !== undefined) {
        const bytes = source.read(tensor.offset, tensor.byteLength)
        if (hashOf({ bytes, outliers: tensor.outliers ?? null }) === hash) continue
      }
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
