import { blockVectors, branchShapes, branchTensors } from '../../engine/decoder-weights.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { float32Tensor, matrixTensors } from '../../engine/matrix-tensors.js'
import { changedMatrix, type ModelChanges } from '../../engine/model-changes.js'
import { outputNormTensors } from '../../engine/output-norm.js'
import { ropeTables } from '../../engine/rope-tables.js'
import { byLinear } from '../../engine/stored-block.js'
import { writeAtomically, type Append } from '../../formats/atomic-file.js'
import { bytesOf } from '../../formats/bytes-of.js'
import { formatOf, type ContentOf, type LinearFormat } from '../../graph/linear.js'
import type { Initializer } from '../../graph/tape.js'
import { tableNames, type ModelFormats } from '../../graph/whole-model-graph.js'
import { linearNames, ropesOf } from '../../model/description.js'
import type { Matrix } from '../../quantization/matrix.js'
import type { Tensor, Tensors } from '../../runtime/device.js'
import { EngineError } from '../../schema/engine-error.js'

/** What the graph has to know about the weights. */
export interface WrittenWeights {
  readonly formats: ModelFormats
  readonly contentOf: ContentOf
}

/** A memory page of most systems, so that a runtime can map tensors instead of reading them. */
const alignment = 4096

/**
 * Writes the matrices of a model as training left them, low-rank branches included, to a file of external data, one after
 * the other: codes go straight from memory, and of what factors change only one matrix is in memory. Vectors are small and
 * stay in the graph. A tied output is the embedding's own bytes.
 *
 * @param location the file's name as the graph says it
 * @throws EngineError `file-unwritable`, `file-exists`
 */
export function writeWeights(
  path: string,
  location: string,
  model: LoadedModel,
  changes: ModelChanges,
): WrittenWeights {
  const { description, embedding, output } = model
  const contents = new Map<string, Initializer['content']>()
  let blocks: ModelFormats['blocks'] = []
  writeAtomically(path, { overwrite: false }, (append) => {
    const store = tensorStore(append, location, contents)
    const storeMatrix = (name: string, matrix: Matrix): void =>
      store(matrixTensors(name, matrix, 'blockSums'))
    storeMatrix('token_embd', embedding.whole())
    if (description.isOutputTied) aliasTensors(contents, 'token_embd', 'output')
    else storeMatrix('output', output.whole())
    blocks = model.blocks.map((_, layer) =>
      byLinear(linearNames, (name): LinearFormat => {
        const matrix = changedMatrix(model, changes, layer, name)
        storeMatrix(`blk.${layer}.${name}`, matrix)
        return formatOf(matrix)
      }),
    )
    model.blocks.forEach((_, layer) => store(branchTensors(changes, layer)))
    store(ropeTensors(model))
  })
  const vectors = model.blocks.map((_, layer) => blockVectors(model, changes, layer))
  for (const [name, { data }] of vectors.flatMap(Object.entries<Tensor>)) {
    contents.set(name, { data: bytesOf(data) })
  }
  for (const [name, { data }] of Object.entries(outputNormTensors(model))) {
    contents.set(name, { data: bytesOf(data) })
  }
  return {
    formats: {
      embedding: embedding.format,
      blocks,
      branches: branchShapes(model, changes),
      output: output.format,
    },
    contentOf: (name) => {
      const content = contents.get(name)
      if (content === undefined) throw new EngineError('bug', {}, `no weight is called '${name}'`)
      return content
    },
  }
}

/** Appends tensors at aligned offsets and notes their places. */
function tensorStore(
  append: Append,
  location: string,
  contents: Map<string, Initializer['content']>,
): (tensors: Tensors) => void {
  let offset = 0
  return (tensors) => {
    for (const [name, { data }] of Object.entries(tensors)) {
      const padding = (alignment - (offset % alignment)) % alignment
      append(new Uint8Array(padding))
      append(bytesOf(data))
      offset += padding
      contents.set(name, { location, offset, length: data.byteLength })
      offset += data.byteLength
    }
  }
}

/** Lets the tensors of one matrix be those of another too. */
function aliasTensors(contents: Map<string, Initializer['content']>, name: string, alias: string): void {
  for (const [key, content] of [...contents]) {
    if (key.startsWith(`${name}.`)) contents.set(alias + key.slice(name.length), content)
  }
}

function ropeTensors({ description }: LoadedModel): Tensors {
  const { contextLength } = description
  const entries = ropesOf(description).flatMap((rope, index) => {
    const { cosines, sines } = ropeTables(rope, contextLength)
    const shape = [contextLength, rope.dimensions / 2]
    const names = tableNames('rope.', index)
    return [
      [names.cosines, float32Tensor(cosines, shape)] as const,
      [names.sines, float32Tensor(sines, shape)] as const,
    ]
  })
  return Object.fromEntries(entries)
}
