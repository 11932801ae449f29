import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { describeModel } from '../model/describe-model.js'
import { linearNames, vectorLengths, type ModelDescription, type VectorName } from '../model/description.js'
import { splitFusedTensors } from '../model/fused-tensors.js'
import { openModelFile } from '../model/open-model-file.js'
import { linearWeightName, tensorNames, vectorTensorName } from '../model/tensor-names.js'
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
  /** Norms and biases, by their names in the block's graph. */
  readonly vectors: ReadonlyMap<VectorName, Float32Array>
}

/** The weight of the final norm, and its bias where the model has one. */
export interface OutputNorm {
  readonly weight: Float32Array
  readonly bias: Float32Array | null
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
  readonly outputNorm: OutputNorm
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
  const split = splitFusedTensors(file)
  const vector = (name: string): Float32Array => readVector(source, tensorOf(split, name))
  const table = (name: string): TokenTable => {
    const opened = new TokenTable(source, tensorOf(split, name))
    if (checksTables) opened.check()
    return opened
  }
  const vectorNames = [...vectorLengths(description).keys()]
  const embedding = table(tensorNames.embedding)
  const blocks = Array.from({ length: description.layerCount }, (_, layer): BlockWeights => {
    const tensors = byLinear(linearNames, (name) => tensorOf(split, linearWeightName(layer, name)))
    const stored = storedLinears(source, tensors)
    return {
      stored,
      get linears() {
        return stored.keep()
      },
      vectors: new Map(vectorNames.map((name) => [name, vector(vectorTensorName(layer, name))])),
    }
  })
  return {
    path: file.path,
    description,
    embedding,
    output: description.isOutputTied ? embedding : table(tensorNames.output),
    outputNorm: {
      weight: vector(tensorNames.outputNorm),
      bias: description.normKind === 'layer' ? vector(tensorNames.outputNormBias) : null,
    },
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
