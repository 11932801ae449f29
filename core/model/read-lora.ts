import { openByteSource, type ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { readFloats } from '../quantization/read-floats.js'
import { EngineError } from '../schema/engine-error.js'

/** A branch beside a weight: y += scale · (x downᵀ) upᵀ. */
export interface StoredBranch {
  readonly rank: number
  readonly scale: number
  /** Shape [rank, columns]. */
  readonly down: Float32Array
  /** Shape [rows, rank]. */
  readonly up: Float32Array
}

/**
 * The branches of a GGUF LoRA file, by the names of the weights that they stand beside.
 *
 * scale = alpha / rank, or 1 where the file has no alpha.
 *
 * Source: src/llama-adapter.cpp of llama.cpp.
 *
 * @throws EngineError 'file-unreadable', 'model-malformed' for another kind of file, or matrices that do not fit together
 */
export function readLora(path: string): Map<string, StoredBranch> {
  const source = openByteSource(path)
  try {
    const file = readGguf(source)
    const isOf = (key: string, kind: string): boolean => file.metadata.get(key)?.value === kind
    if (!isOf('general.type', 'adapter') || !isOf('adapter.type', 'lora')) {
      throw malformed(path, 'general.type', 'expected a LoRA adapter')
    }
    const alpha = file.metadata.get('adapter.lora.alpha')?.value
    const names = [...file.tensors.keys()].flatMap((name) => /^(.*)\.lora_a$/.exec(name)?.[1] ?? [])
    return new Map(
      names.map((name) => [name, branchOf(source, file, name, typeof alpha === 'number' ? alpha : 0)]),
    )
  } finally {
    source.close()
  }
}

function branchOf(source: ByteSource, file: GgufFile, name: string, alpha: number): StoredBranch {
  const [down, up] = [matrixOf(file, `${name}.lora_a`), matrixOf(file, `${name}.lora_b`)]
  const [rank] = down.shape
  if (rank === 0 || up.shape[1] !== rank) {
    throw malformed(file.path, `tensor '${up.name}'`, `expected ${rank} columns, found ${up.shape[1]}`)
  }
  return {
    rank,
    scale: alpha === 0 ? 1 : alpha / rank,
    down: readFloats(source, down),
    up: readFloats(source, up),
  }
}

function matrixOf({ tensors, path }: GgufFile, name: string): GgufTensor {
  const tensor = tensors.get(name)
  if (tensor?.shape.length === 2 && ['F32', 'F16', 'BF16'].includes(tensor.type)) return tensor
  const found = tensor === undefined ? 'none' : `${tensor.type} [${tensor.shape.join(', ')}]`
  throw malformed(path, `tensor '${name}'`, `expected a matrix of floats, found ${found}`)
}

function malformed(path: string, where: string, reason: string): EngineError {
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}
