import type { BlockVariant } from '../graph/block-graph.js'
import { formatOf } from '../graph/linear.js'
import { linearNames } from '../model/description.js'
import type { Tensors } from '../runtime/device.js'
import { byLinear, type BlockWeights, type LoadedModel } from './loaded-model.js'
import { float32Tensor, int32Tensor, matrixTensors } from './matrix-tensors.js'
import { RopeTensors } from './rope-tensors.js'

/** What the graphs of a model's blocks take beside hidden states; forward and backward share it. */
export class BlockInputs {
  readonly model: LoadedModel
  readonly #weights: readonly Tensors[]
  readonly #rope: RopeTensors

  constructor(model: LoadedModel) {
    this.model = model
    this.#rope = new RopeTensors(model.description.rope)
    this.#weights = model.blocks.map((block) => blockTensors(model, block))
  }

  /** The frozen weights of a layer, over the model's own arrays. */
  weights(layer: number): Tensors {
    return this.#weights[layer]
  }

  /** How each linear of a layer is stored. */
  formats(layer: number): BlockVariant['formats'] {
    const { linears } = this.model.blocks[layer]
    return byLinear(linearNames, (name) => formatOf(linears[name]))
  }

  /** Where the tokens of a batch stand: every row begins at position 0 and is `sequence` long, padding included. */
  positions(batch: number, sequence: number): Tensors {
    return {
      lastPositions: int32Tensor(new Int32Array(batch).fill(sequence - 1), [batch]),
      totalLength: int32Tensor(Int32Array.of(sequence), [1]),
      ...this.#rope.atLeast(sequence),
    }
  }
}

function blockTensors(model: LoadedModel, block: BlockWeights): Tensors {
  const { width, biases } = model.description
  const linears = linearNames.map((name) => matrixTensors(name, block.linears[name], 'zeroPoints'))
  const bias = biases.map((name): Tensors => {
    const data = block.biases[name] ?? new Float32Array(0)
    return { [`${name}.bias`]: float32Tensor(data, [data.length]) }
  })
  return {
    attn_norm: float32Tensor(block.attentionNorm, [width]),
    ffn_norm: float32Tensor(block.feedForwardNorm, [width]),
    ...(Object.assign({}, ...linears, ...bias) as Tensors),
  }
}
