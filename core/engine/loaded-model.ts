import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { describeModel } from '../model/describe-model.js'
import { linearNames, type LinearName, type ModelDescription } from '../model/description.js'
import { openModelFile } from '../model/open-model-file.js'
import { readMatrix } from '../quantization/read-matrix.js'
import { readVector } from '../quantization/read-vector.js'
import type { Matrix } from '../quantization/matrix.js'
import { EngineError } from '../schema/engine-error.js'
import { TokenTable } from './token-table.js'

/** The weights of one transformer block. */
export interface BlockWeights {
  readonly linears: Readonly<Record<LinearName, Matrix>>
  readonly biases: Readonly<Partial<Record<LinearName, Float32Array>>>
  readonly attentionNorm: Float32Array
  readonly feedForwardNorm: Float32Array
}

/**
 * A model in memory: codes and scales as MatMulNBits takes them, one copy, nothing unpacked. Token tables are read from its
 * file, which stays open.
 */
export interface LoadedModel {
  readonly path: string
  readonly description: ModelDescription
  readonly embedding: TokenTable
  /** The embedding itself where the output is tied. */
  readonly output: TokenTable
  readonly outputNorm: Float32Array
  readonly blocks: readonly BlockWeights[]
  /** Closes the file. The blocks stay usable, and a table that was read whole. */
  close(): void
}

/**
 * Reads the weights of the model at `path`.
 *
 * @throws EngineError 'file-unreadable', 'model-malformed', 'model-unsupported'
 */
export function loadModel(path: string): LoadedModel {
  const { source, file } = openModelFile(path)
  try {
    return readModel(source, file)
  } catch (thrown) {
    source.close()
    throw thrown
  }
}

/** Reads the weights of an open GGUF model, tensor by tensor; the source becomes the model's. Throws as `loadModel`. */
export function readModel(source: ByteSource, file: GgufFile): LoadedModel {
  const description = describeModel(file, source)
  const matrix = (name: string): Matrix => readMatrix(source, tensorOf(file, name))
  const vector = (name: string): Float32Array => readVector(source, tensorOf(file, name))
  const table = (name: string): TokenTable => new TokenTable(source, tensorOf(file, name))
  const embedding = table('token_embd.weight')
  const blocks = Array.from({ length: description.layerCount }, (_, layer): BlockWeights => {
    const prefix = `blk.${layer}.`
    return {
      linears: byLinear(linearNames, (name) => matrix(`${prefix}${name}.weight`)),
      biases: byLinear(description.biases, (name) => vector(`${prefix}${name}.bias`)),
      attentionNorm: vector(`${prefix}attn_norm.weight`),
      feedForwardNorm: vector(`${prefix}ffn_norm.weight`),
    }
  })
  return {
    path: file.path,
    description,
    embedding,
    output: description.isOutputTied ? embedding : table('output.weight'),
    outputNorm: vector('output_norm.weight'),
    blocks,
    close: () => source.close(),
  }
}

/** A record with one value for each of `names`. */
export function byLinear<N extends LinearName, T>(names: readonly N[], value: (name: N) => T): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<N, T>
}

function tensorOf(file: GgufFile, name: string): GgufTensor {
  const tensor = file.tensors.get(name)
  if (tensor === undefined) {
    throw new EngineError(
      'model-malformed',
      { path: file.path, where: name },
      `${file.path} has no tensor '${name}'`,
    )
  }
  return tensor
}
