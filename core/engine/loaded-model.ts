import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { describeModel } from '../model/describe-model.js'
import { linearNames, type LinearName, type ModelDescription } from '../model/description.js'
import { openModelFile } from '../model/open-model-file.js'
import { readVector } from '../quantization/read-vector.js'
import { EngineError } from '../schema/engine-error.js'
import { LayerReader } from './layer-reader.js'
import { byLinear, storedLinears, type Linears, type StoredLinears } from './stored-block.js'
import { TokenTable } from './token-table.js'

/** The weights of one transformer block. */
export interface BlockWeights {
  /** Where `linears` come from. */
  readonly stored: StoredLinears
  /** In memory from the moment they are first asked for. Throws as `StoredLinears.keep`. */
  readonly linears: Linears
  readonly biases: Readonly<Partial<Record<LinearName, Float32Array>>>
  readonly attentionNorm: Float32Array
  readonly feedForwardNorm: Float32Array
}

/**
 * A model, its weights as MatMulNBits takes them: one copy, nothing unpacked. They are read from its file, which stays open,
 * when they are first needed, or each time they are. Of token tables only the rows that are needed are read.
 */
export interface LoadedModel {
  readonly path: string
  readonly description: ModelDescription
  readonly embedding: TokenTable
  /** The embedding itself where the output is tied. */
  readonly output: TokenTable
  readonly outputNorm: Float32Array
  readonly blocks: readonly BlockWeights[]
  /** Reads the layers that are not kept in memory. */
  readonly layers: LayerReader
  /** Closes the file. What is in memory stays usable. */
  close(): void
}

/**
 * Opens the model at `path`.
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

/** Describes an open GGUF model and checks its tensors; the source becomes the model's. Throws as `loadModel`. */
export function readModel(
  source: ByteSource,
  file: GgufFile,
  { checksTables }: { readonly checksTables: boolean } = { checksTables: true },
): LoadedModel {
  const description = describeModel(file, source)
  const vector = (name: string): Float32Array => readVector(source, tensorOf(file, name))
  const table = (name: string): TokenTable => {
    const opened = new TokenTable(source, tensorOf(file, name))
    if (checksTables) opened.check()
    return opened
  }
  const embedding = table('token_embd.weight')
  const blocks = Array.from({ length: description.layerCount }, (_, layer): BlockWeights => {
    const prefix = `blk.${layer}.`
    const tensors = byLinear(linearNames, (name) => tensorOf(file, `${prefix}${name}.weight`))
    const stored = storedLinears(source, tensors)
    return {
      stored,
      get linears() {
        return stored.keep()
      },
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
    layers: new LayerReader(
      source,
      blocks.map(({ stored }) => stored),
    ),
    close: () => source.close(),
  }
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
