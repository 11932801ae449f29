import type { BlockVariant } from '../graph/block-graph.js'
import { formatOf } from '../graph/linear.js'
import { linearNames } from '../model/description.js'
import type { Device, PlacedTensors, Tensors } from '../runtime/device.js'
import { byLinear, type BlockWeights, type LoadedModel } from './loaded-model.js'
import { float32Tensor, int32Tensor, matrixTensors } from './matrix-tensors.js'
import { MiddlePoints } from './middle-points.js'
import { PlacedOnce } from './placed-once.js'
import { RopeTensors } from './rope-tensors.js'

/** What the graphs of a model's blocks take beside hidden states; forward and backward share it. */
export class BlockInputs {
  readonly model: LoadedModel
  readonly #weights: readonly Tensors[]
  readonly #placedWeights: PlacedOnce<number>
  readonly #rope: RopeTensors
  readonly #placedRope: PlacedOnce<Tensors>

  constructor(device: Device, model: LoadedModel) {
    this.model = model
    this.#rope = new RopeTensors(model.description.rope)
    this.#placedRope = new PlacedOnce(device)
    const middles = new MiddlePoints()
    this.#weights = model.blocks.map((block) => blockTensors(model, block, middles))
    this.#placedWeights = new PlacedOnce(device)
  }

  /** The frozen weights of a layer, over the model's own arrays. */
  arrays(layer: number): Tensors {
    return this.#weights[layer]
  }

  /** The same where the device takes them from: copied there once, or those arrays themselves. */
  weights(layer: number): Promise<PlacedTensors> {
    return this.#placedWeights.place(layer, this.#weights[layer])
  }

  /** How each linear of a layer is stored. */
  formats(layer: number): BlockVariant['formats'] {
    const { linears } = this.model.blocks[layer]
    return byLinear(linearNames, (name) => formatOf(linears[name]))
  }

  /** Where the tokens of a batch stand: every row begins at position 0 and is `sequence` long, padding included. */
  async positions(batch: number, sequence: number): Promise<PlacedTensors> {
    const rope = this.#rope.atLeast(sequence)
    return {
      lastPositions: int32Tensor(new Int32Array(batch).fill(sequence - 1), [batch]),
      totalLength: int32Tensor(Int32Array.of(sequence), [1]),
      ...(await this.#placedRope.place(rope, rope)),
    }
  }

  /** Frees what was copied to the device. */
  close(): void {
    this.#placedWeights.close()
    this.#placedRope.close()
  }
}

function blockTensors(model: LoadedModel, block: BlockWeights, middles: MiddlePoints): Tensors {
  const { width, biases } = model.description
  const linears = linearNames.map((name) => matrixTensors(name, block.linears[name], 'zeroPoints', middles))
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
