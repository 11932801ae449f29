import { bytesOf } from '../formats/bytes-of.js'
import type { DecoderPart } from '../graph/decoder-graph.js'
import { formatOf, type ContentOf } from '../graph/linear.js'
import type { ModelFormats } from '../graph/whole-model-graph.js'
import { linearNames } from '../model/description.js'
import type { Tensors } from '../runtime/device.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor, matrixTensors } from './matrix-tensors.js'
import { changedMatrix, type ModelChanges } from './model-changes.js'
import { outputNormTensors } from './output-norm.js'
import { byLinear } from './stored-block.js'

/** What a part of a decoder's graph is built from. */
export interface DecoderWeights {
  readonly formats: ModelFormats
  readonly contentOf: ContentOf
}

/** The weights of `part` as training left them. */
export function decoderWeights(model: LoadedModel, changes: ModelChanges, part: DecoderPart): DecoderWeights {
  const contents = new Map<string, Uint8Array>()
  const add = (tensors: Tensors): void => {
    for (const [name, { data }] of Object.entries(tensors)) {
      contents.set(name, bytesOf(data))
    }
  }
  const blocks = model.blocks.map(({ stored }, layer) => {
    const isPart = layer >= part.firstLayer && layer < part.endLayer
    return byLinear(linearNames, (name) => {
      if (!isPart) return stored.formats[name]
      const matrix = changedMatrix(model, changes, layer, name)
      add(matrixTensors(`blk.${layer}.${name}`, matrix, 'blockSums'))
      return formatOf(matrix)
    })
  })
  for (let layer = part.firstLayer; layer < part.endLayer; layer++) {
    add(blockVectors(model, changes, layer))
    add(branchTensors(changes, layer))
  }
  if (part.hasHead) {
    add(matrixTensors('output', model.output.whole(), 'blockSums'))
    add(outputNormTensors(model))
  }
  return {
    formats: {
      embedding: model.embedding.format,
      blocks,
      branches: branchShapes(model, changes),
      output: model.output.format,
    },
    contentOf: (name) => ({ data: contents.get(name) ?? missing(name) }),
  }
}

/** Norms and biases of a block as training left them, by their names in the graph. */
export function blockVectors(model: LoadedModel, changes: ModelChanges, layer: number): Tensors {
  return Object.fromEntries(
    [...model.blocks[layer].vectors].map(([name, base]) => {
      const data = changes.vector?.(layer, name) ?? base
      return [`blk.${layer}.${name}`, float32Tensor(data, [data.length])]
    }),
  )
}

/** The low-rank branches of a block, by their names in the graph. */
export function branchTensors(changes: ModelChanges, layer: number): Tensors {
  const tensors = linearNames.flatMap((linear) => {
    const branch = changes.branch?.(layer, linear) ?? null
    if (branch === null) return []
    const { rank, down, up } = branch
    const name = `blk.${layer}.${linear}`
    return [
      [`${name}.loraA`, float32Tensor(down, [rank, down.length / rank])],
      [`${name}.loraB`, float32Tensor(up, [up.length / rank, rank])],
    ] as const
  })
  return Object.fromEntries(tensors)
}

/** What a graph has to know of the low-rank branches of each layer. */
export function branchShapes(model: LoadedModel, changes: ModelChanges): ModelFormats['branches'] {
  return model.blocks.map((_, layer) => {
    const shapes = linearNames.flatMap((linear) => {
      const branch = changes.branch?.(layer, linear) ?? null
      return branch === null ? [] : [[linear, { rank: branch.rank, scale: branch.scale }] as const]
    })
    return Object.fromEntries(shapes)
  })
}

function missing(name: string): never {
  throw new Error(`a decoder's graph asked for the unknown weight '${name}'`)
}
