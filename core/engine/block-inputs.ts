import type { BlockVariant } from '../graph/block-graph.js'
import { formatOf } from '../graph/linear.js'
import { linearNames } from '../model/description.js'
import type { Device, PlacedTensors, Tensors } from '../runtime/device.js'
import type { BlockWeights, LoadedModel } from './loaded-model.js'
import { float32Tensor, int32Tensor, matrixTensors } from './matrix-tensors.js'
import { MiddlePoints } from './middle-points.js'
import { PlacedOnce } from './placed-once.js'
import { RopeTensors } from './rope-tensors.js'
import { byLinear, type Linears } from './stored-block.js'

/** What the graphs of a model's blocks take beside hidden states; forward and backward share it. */
export class BlockInputs {
  readonly model: LoadedModel
  readonly #kept = new Map<number, Tensors>()
  /** Of the layer that was read last, where it is not kept. */
  #streamed: { readonly layer: number; readonly tensors: Tensors } | null = null
  readonly #middles = new MiddlePoints()
  readonly #placedWeights: PlacedOnce<number>
  readonly #rope: RopeTensors
  readonly #placedRope: PlacedOnce<Tensors>

  constructor(device: Device, model: LoadedModel) {
    this.model = model
    this.#rope = new RopeTensors(model.description.rope)
    this.#placedRope = new PlacedOnce(device)
    this.#placedWeights = new PlacedOnce(device)
  }

  /**
   * The frozen weights of a layer, over the model's own arrays. A layer that is not kept in memory has to be the one that
   * `weights` gave last.
   */
  arrays(layer: number): Tensors {
    if (this.#streamed?.layer === layer) return this.#streamed.tensors
    const block = this.model.blocks[layer]
    const kept = this.#kept.get(layer) ?? this.#tensors(block, block.linears)
    this.#kept.set(layer, kept)
    return kept
  }

  /**
   * The same where the device takes them from: copied there once, or those arrays themselves. Those of a layer that is not
   * kept are valid until another is asked for.
   *
   * @param next the layer that will be needed after it, or null
   */
  async weights(layer: number, next: number | null): Promise<PlacedTensors> {
    const placed = this.#placedWeights.known(layer)
    if (placed !== null) return placed
    const { blocks, layers } = this.model
    if (layers.isStreamed(layer)) {
      const linears = await layers.read(layer, next)
      this.#streamed = { layer, tensors: this.#tensors(blocks[layer], linears) }
    } else {
      layers.prepare(next)
    }
    return this.#placedWeights.place(layer, this.arrays(layer))
  }

  /** How each linear of a layer is stored. */
  formats(layer: number): BlockVariant['formats'] {
    const { blocks, layers } = this.model
    if (layers.isStreamed(layer)) return blocks[layer].stored.formats
    const { linears } = blocks[layer]
    return byLinear(linearNames, (name) => formatOf(linears[name]))
  }

  #tensors(block: BlockWeights, linears: Linears): Tensors {
    return blockTensors(this.model, block, linears, this.#middles)
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

function blockTensors(
  model: LoadedModel,
  block: BlockWeights,
  linears: Linears,
  middles: MiddlePoints,
): Tensors {
  const { width, biases } = model.description
  const matrices = linearNames.map((name) => matrixTensors(name, linears[name], 'zeroPoints', middles))
  const bias = biases.map((name): Tensors => {
    const data = block.biases[name] ?? new Float32Array(0)
    return { [`${name}.bias`]: float32Tensor(data, [data.length]) }
  })
  return {
    attn_norm: float32Tensor(block.attentionNorm, [width]),
    ffn_norm: float32Tensor(block.feedForwardNorm, [width]),
    ...(Object.assign({}, ...matrices, ...bias) as Tensors),
  }
}
