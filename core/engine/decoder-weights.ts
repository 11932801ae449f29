import type { DecoderPart } from '../graph/decoder-graph.js'
import { formatOf, type ContentOf } from '../graph/linear.js'
import type { ModelFormats } from '../graph/whole-model-graph.js'
import { linearNames, type LinearName } from '../model/description.js'
import type { Matrix } from '../quantization/matrix.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { scaleMatrix } from '../quantization/scale-matrix.js'
import type { Tensors } from '../runtime/device.js'
import { byLinear, type LoadedModel } from './loaded-model.js'
import { float32Tensor, matrixTensors } from './matrix-tensors.js'

/** Trained factors on the scales of a linear; null where it is as in the base model. */
export type FactorsOf = (layer: number, linear: LinearName) => ScaleFactors | null

/** What a part of a decoder's graph is built from. */
export interface DecoderWeights {
  readonly formats: ModelFormats
  readonly contentOf: ContentOf
}

/** The weights of `part` with the trained factors folded in. */
export function decoderWeights(model: LoadedModel, factorsOf: FactorsOf, part: DecoderPart): DecoderWeights {
  const contents = new Map<string, Uint8Array>()
  const add = (tensors: Tensors): void => {
    for (const [name, { data }] of Object.entries(tensors)) {
      contents.set(name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
  }
  const blocks = model.blocks.map(({ linears }, layer) => {
    const isPart = layer >= part.firstLayer && layer < part.endLayer
    return byLinear(linearNames, (name) => {
      if (!isPart) return formatOf(linears[name])
      const matrix = folded(linears[name], factorsOf(layer, name))
      add(matrixTensors(`blk.${layer}.${name}`, matrix, 'blockSums'))
      return formatOf(matrix)
    })
  })
  for (let layer = part.firstLayer; layer < part.endLayer; layer++) add(blockVectors(model, layer))
  if (part.hasHead) {
    add(matrixTensors('output', model.output, 'blockSums'))
    add({ output_norm: float32Tensor(model.outputNorm, [model.outputNorm.length]) })
  }
  return {
    formats: { embedding: formatOf(model.embedding), blocks, output: formatOf(model.output) },
    contentOf: (name) => ({ data: contents.get(name) ?? missing(name) }),
  }
}

function folded(matrix: Matrix, factors: ScaleFactors | null): Matrix {
  return factors === null ? matrix : scaleMatrix(matrix, factors)
}

/** Norms and biases of a block, by their names in the graph. */
export function blockVectors(model: LoadedModel, layer: number): Tensors {
  const { attentionNorm, feedForwardNorm, biases } = model.blocks[layer]
  const vectors: [string, Float32Array][] = [
    ['attn_norm', attentionNorm],
    ['ffn_norm', feedForwardNorm],
    ...Object.entries(biases).map(([name, bias]): [string, Float32Array] => [`${name}.bias`, bias]),
  ]
  return Object.fromEntries(
    vectors.map(([name, data]) => [`blk.${layer}.${name}`, float32Tensor(data, [data.length])]),
  )
}

function missing(name: string): never {
  throw new Error(`a decoder's graph asked for the unknown weight '${name}'`)
}
