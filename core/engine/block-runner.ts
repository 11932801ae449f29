import { buildBlockGraph, variantKey, type BlockVariant } from '../graph/block-graph.js'
import {
  freeTensor,
  type Device,
  type PlacedTensor,
  type Session,
  type Tensor,
  type Tensors,
} from '../runtime/device.js'
import { deviceOfLayer } from '../runtime/layer-devices.js'
import { OpenSessions } from '../runtime/open-sessions.js'
import type { Precision } from '../schema/precision.js'
import { BlockInputs } from './block-inputs.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor } from './matrix-tensors.js'

/** What a trained block's run takes beside, or instead of, its frozen weights. */
export interface BlockOverride extends Omit<BlockVariant, 'formats' | 'kind' | 'precision'> {
  readonly tensors: Tensors
}

/** A block that nothing is trained in. */
export const plainBlock: BlockOverride = { factors: 'none', tensors: {} }

/** The hidden states of a padded batch, shape [batch, sequence, width]. */
export interface Hidden {
  readonly data: Float32Array
  readonly batch: number
  readonly sequence: number
}

/** Sees what enters a block. True where it keeps the tensor, and frees it when that is no longer needed. */
export type TakeEntering = (layer: number, entering: PlacedTensor) => boolean | Promise<boolean>

/**
 * Runs transformer blocks one by one: one session for each block shape, the weights as its inputs. Outputs go to two
 * buffers in turn, so a result is valid until the next run. On a device with memory of its own, weights and hidden states
 * stay there from block to block, and only the last hidden state is read back.
 */
export class BlockRunner {
  /** What every block takes beside its hidden state. */
  readonly inputs: BlockInputs
  readonly #device: Device
  readonly #sessions = new OpenSessions<string>()
  #buffers: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)]

  /** @param precision of the products with the blocks' matrices, in gradients over the same inputs too */
  constructor(device: Device, model: LoadedModel, precision: Precision = 'float32') {
    this.#device = device
    this.inputs = new BlockInputs(device, model, precision)
  }

  /**
   * Hidden states after blocks `first` … `end` − 1. Every row is right-padded to `hidden.sequence`; padding cannot be
   * seen by real positions because attention is causal.
   *
   * @param onEntering sees what enters each block; valid during the call, unless it says that it took the tensor over
   */
  async run(
    hidden: Hidden,
    first: number,
    end: number,
    overrideOf: (layer: number) => BlockOverride | null = () => null,
    onEntering: TakeEntering = () => false,
  ): Promise<Hidden> {
    const { batch, sequence } = hidden
    const { width } = this.inputs.model.description
    const shape = [batch, sequence, width]
    let current: PlacedTensor = float32Tensor(hidden.data, shape)
    let isTaken = false
    try {
      for (let layer = first; layer < end; layer++) {
        isTaken = await onEntering(layer, current)
        const { tensors, ...variant } = overrideOf(layer) ?? plainBlock
        const session = await this.#sessionFor(layer, { ...this.inputs.variant(layer), ...variant })
        const next = this.#bufferBeside(current.data ?? hidden.data, batch * sequence * width)
        const { nextHidden } = await session.run(
          {
            hidden: current,
            ...(await this.inputs.positions(layer, batch, sequence)),
            ...(await this.inputs.weights(layer, layer + 1 < end ? layer + 1 : null)),
            ...tensors,
          },
          { nextHidden: float32Tensor(next, shape) },
        )
        if (!isTaken) freeTensor(current)
        current = nextHidden
        isTaken = false
      }
      const data = await this.#device.read(current, (length) => this.#bufferBeside(hidden.data, length))
      return { data, batch, sequence }
    } finally {
      if (!isTaken) freeTensor(current)
    }
  }

  /** Frees the sessions, and the weights on the device. */
  async close(): Promise<void> {
    this.inputs.close()
    await this.#sessions.close()
  }

  #sessionFor(layer: number, variant: BlockVariant): Promise<Session> {
    const device = deviceOfLayer(this.#device, layer)
    return this.#sessions.get(device, variantKey(variant), () => {
      const graph = buildBlockGraph(this.inputs.model.description, variant)
      return device.open(graph, { stays: ['nextHidden'] })
    })
  }

  /** A buffer of `length` that is not the one `current` lies in. */
  #bufferBeside(current: Tensor['data'], length: number): Float32Array {
    const index = current.buffer === this.#buffers[0].buffer ? 1 : 0
    if (this.#buffers[index].length < length) this.#buffers[index] = new Float32Array(length)
    return this.#buffers[index].subarray(0, length)
  }
}
