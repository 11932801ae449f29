import type { BlockVariant } from '../graph/block-graph.js'
import { formatOf } from '../graph/linear.js'
import { layerKind } from '../graph/operators/layer-kind.js'
import { ropeIndex } from '../graph/whole-model-graph.js'
import { linearNames, ropesOf } from '../model/description.js'
import type { Device, PlacedTensors, Tensors } from '../runtime/device.js'
import { deviceOfLayer } from '../runtime/layer-devices.js'
import type { BlockWeights, LoadedModel } from './loaded-model.js'
import type { Precision } from '../schema/precision.js'
import { float32Tensor, int32Tensor, matrixTensors } from './matrix-tensors.js'
import { MiddlePoints } from './middle-points.js'
import { PlacedOnce } from './placed-once.js'
import { RopeTensors } from './rope-tensors.js'
import { byLinear, type Linears } from './stored-block.js'

/** What the graphs of a model's blocks take beside hidden states; forward and backward share it. */
export class BlockInputs {
  readonly model: LoadedModel
  readonly #device: Device
  readonly #precision: Precision
  readonly #kept = new Map<number, Tensors>()
  /** Of the layer that was read last, where it is not kept. */
  #streamed: { readonly layer: number; readonly tensors: Tensors } | null = null
  readonly #middles = new MiddlePoints()
  readonly #placedWeights: PlacedOnce<number>
  /** By the place of a rope in `ropesOf`. */
  readonly #ropes: readonly RopeTensors[]
  readonly #placedRope: PlacedOnce<Tensors>

  /** @param precision of the products with the blocks' matrices */
  constructor(device: Device, model: LoadedModel, precision: Precision = 'float32') {
    this.model = model
    this.#device = device
    this.#precision = precision
    this.#ropes = ropesOf(model.description).map((rope) => new RopeTensors(rope))
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
    const tensors = this.arrays(layer)
    return deviceOfLayer(this.#device, layer).hasMemory ? this.#placedWeights.place(layer, tensors) : tensors
  }

  /** What a layer's graphs depend on, trained or not. */
  variant(layer: number): Required<Pick<BlockVariant, 'formats' | 'kind' | 'precision'>> {
    const kind = layerKind(this.model.description.layers[layer])
    return { formats: this.#formats(layer), kind, precision: this.#precision }
  }

  /** How each linear of a layer is stored. */
  #formats(layer: number): BlockVariant['formats'] {
    const { blocks, layers } = this.model
    if (layers.isStreamed(layer)) return blocks[layer].stored.formats
    const { linears } = blocks[layer]
    return byLinear(linearNames, (name) => formatOf(linears[name]))
  }

  #tensors(block: BlockWeights, linears: Linears): Tensors {
    return blockTensors(block, linears, this.#middles)
  }

  /** Where the tokens of a batch stand: every row begins at position 0 and is `sequence` long, padding included. */
  async positions(layer: number, batch: number, sequence: number): Promise<PlacedTensors> {
    const rope = this.#ropes[ropeIndex(this.model.description, layer)].atLeast(sequence)
    return {
      lastPositions: int32Tensor(new Int32Array(batch).fill(sequence - 1), [batch]),
      totalLength: int32Tensor(Int32Array.of(sequence), [1]),
      ...(deviceOfLayer(this.#device, layer).hasMemory ? await this.#placedRope.place(rope, rope) : rope),
    }
  }

  /** Frees what was copied to the device. */
  close(): void {
    this.#placedWeights.close()
    this.#placedRope.close()
  }
}

function blockTensors(block: BlockWeights, linears: Linears, middles: MiddlePoints): Tensors {
  const matrices = linearNames.map((name) => matrixTensors(name, linears[name], 'zeroPoints', middles))
  const vectors = [...block.vectors].map(
    ([name, data]) => [name, float32Tensor(data, [data.length])] as const,
  )
  return { ...Object.fromEntries(vectors), ...(Object.assign({}, ...matrices) as Tensors) }
}
