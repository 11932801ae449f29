import { buildBlockGraph, variantKey, type BlockVariant } from '../graph/block-graph.js'
import { formatOf } from '../graph/linear.js'
import { linearNames } from '../model/description.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { byLinear, type LoadedModel } from './loaded-model.js'
import { float32Tensor, int32Tensor, matrixTensors } from './matrix-tensors.js'
import { RopeTensors } from './rope-tensors.js'

/** What a trained block's run takes beside, or instead of, its frozen weights. */
export interface BlockOverride {
  readonly factors: BlockVariant['factors']
  readonly tensors: Tensors
}

/** The hidden states of a padded batch, shape [batch, sequence, width]. */
export interface Hidden {
  readonly data: Float32Array
  readonly batch: number
  readonly sequence: number
}

/**
 * Runs transformer blocks one by one: one session for each block shape, the weights as its inputs. Outputs go to two
 * buffers in turn, so a result is valid until the next run.
 */
export class BlockRunner {
  readonly #device: Device
  readonly #model: LoadedModel
  readonly #sessions = new Map<string, Promise<Session>>()
  readonly #weights: readonly Tensors[]
  readonly #rope: RopeTensors
  #buffers: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)]

  constructor(device: Device, model: LoadedModel) {
    this.#device = device
    this.#model = model
    this.#rope = new RopeTensors(model.description.rope)
    this.#weights = model.blocks.map((block) => blockTensors(model, block))
  }

  /**
   * Hidden states after blocks `first` … `end` − 1. Every row is right-padded to `hidden.sequence`; padding cannot be
   * seen by real positions because attention is causal.
   */
  async run(
    hidden: Hidden,
    first: number,
    end: number,
    overrideOf: (layer: number) => BlockOverride | null = () => null,
  ): Promise<Hidden> {
    const { batch, sequence } = hidden
    const shape = [batch, sequence, this.#model.description.width]
    const common: Tensors = {
      lastPositions: int32Tensor(new Int32Array(batch).fill(sequence - 1), [batch]),
      totalLength: int32Tensor(Int32Array.of(sequence), [1]),
      ...this.#rope.atLeast(sequence),
    }
    let current = hidden.data
    for (let layer = first; layer < end; layer++) {
      const override = overrideOf(layer)
      const session = await this.#sessionFor(layer, override?.factors ?? 'none')
      const next = this.#bufferBeside(current, batch * sequence * this.#model.description.width)
      await session.run(
        { hidden: float32Tensor(current, shape), ...common, ...this.#weights[layer], ...override?.tensors },
        { nextHidden: float32Tensor(next, shape) },
      )
      current = next
    }
    return { data: current, batch, sequence }
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    const sessions = await Promise.all(this.#sessions.values())
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => session.close()))
  }

  #sessionFor(layer: number, factors: BlockVariant['factors']): Promise<Session> {
    const { linears } = this.#model.blocks[layer]
    const formats = byLinear(linearNames, (name) => formatOf(linears[name]))
    const variant: BlockVariant = { formats, factors }
    const key = variantKey(variant)
    const known = this.#sessions.get(key)
    if (known !== undefined) return known
    const opened = this.#device.open(buildBlockGraph(this.#model.description, variant))
    this.#sessions.set(key, opened)
    return opened
  }

  /** A buffer of `length` that is not the one `current` lies in. */
  #bufferBeside(current: Float32Array, length: number): Float32Array {
    const index = current.buffer === this.#buffers[0].buffer ? 1 : 0
    if (this.#buffers[index].length < length) this.#buffers[index] = new Float32Array(length)
    return this.#buffers[index].subarray(0, length)
  }
}

function blockTensors(model: LoadedModel, block: LoadedModel['blocks'][number]): Tensors {
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
