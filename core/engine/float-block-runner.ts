import { buildBlockEnteringGraph, turnedGroups, type TurnedGroup } from '../graph/block-entering-graph.js'
import { buildBlockGraph, type BlockVariant } from '../graph/block-graph.js'
import { buildBlockMomentsGraph } from '../graph/block-moments-graph.js'
import { layerKind } from '../graph/operators/layer-kind.js'
import { linearNames, linearShape, type LinearName, type VectorName } from '../model/description.js'
import { linearGroupNames, type LinearGroup } from '../model/linear-groups.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { OpenSessions } from '../runtime/open-sessions.js'
import { BlockInputs } from './block-inputs.js'
import type { Hidden } from './block-runner.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor } from './matrix-tensors.js'
import { ReusedBuffers } from './reused-buffer.js'
import { byLinear } from './stored-block.js'

/** The weights of a block in floats. */
export interface FloatBlock {
  /** Shape [rows, columns] each. */
  readonly linears: Readonly<Record<LinearName, Float32Array>>
  readonly vectors: ReadonlyMap<VectorName, Float32Array>
}

/** What enters a group of linears, summed over tokens. */
export interface GroupInputs {
  /** Σ x xᵀ, shape [columns, columns]. */
  readonly moments: Float32Array
  /** Σ |x|, shape [columns]. */
  readonly sizes: Float32Array
}

/** Of each group of a block. */
export type InputSums = Readonly<Record<LinearGroup, GroupInputs>>

/** What enters some groups of linears, shape [batch, sequence, columns] each. */
export type EnteringValues = Readonly<Record<TurnedGroup, Float32Array>>

/** Which graph of a block. */
type Purpose = 'next' | 'moments' | 'entering'

const builders = {
  next: buildBlockGraph,
  moments: buildBlockMomentsGraph,
  entering: buildBlockEnteringGraph,
} as const satisfies Record<Purpose, unknown>

/**
 * Runs blocks whose weights are floats, which its caller may change from one run to the next: for looking at a model, and at what
 * rounding makes of it. Results are valid until the next run of their kind.
 */
export class FloatBlockRunner {
  readonly #device: Device
  readonly #inputs: BlockInputs
  readonly #sessions = new OpenSessions<string>()
  readonly #buffers = new ReusedBuffers()

  constructor(device: Device, model: LoadedModel) {
    this.#device = device
    this.#inputs = new BlockInputs(device, model)
  }

  /** The hidden state after a block. Rows are as long as each other. */
  async next(layer: number, block: FloatBlock, hidden: Hidden): Promise<Hidden> {
    const { batch, sequence } = hidden
    const data = this.#buffers.take('next', hidden.data.length)
    const shape = [batch, sequence, this.#inputs.model.description.width]
    await this.#run('next', layer, block, hidden, { nextHidden: float32Tensor(data, shape) })
    return { data, batch, sequence }
  }

  /** What enters the linears of a block, summed over all tokens. */
  async inputSums(layer: number, block: FloatBlock, hidden: Hidden): Promise<InputSums> {
    const sums = linearGroupNames.map((name): readonly [LinearGroup, GroupInputs] => {
      const { columns } = linearShape(this.#inputs.model.description, name)
      const moments = this.#buffers.take(`moments.${name}`, columns * columns)
      return [name, { moments, sizes: this.#buffers.take(`sizes.${name}`, columns) }]
    })
    const outputs = sums.flatMap(([name, { moments, sizes }]) => [
      [`moments.${name}`, float32Tensor(moments, [sizes.length, sizes.length])] as const,
      [`sizes.${name}`, float32Tensor(sizes, [sizes.length])] as const,
    ])
    await this.#run('moments', layer, block, hidden, Object.fromEntries(outputs))
    return Object.fromEntries(sums) as InputSums
  }

  /** What enters the linears of a block that read norms or values. */
  async entering(layer: number, block: FloatBlock, hidden: Hidden): Promise<EnteringValues> {
    const { batch, sequence } = hidden
    const values = turnedGroups.map((name) => {
      const { columns } = linearShape(this.#inputs.model.description, name)
      const data = this.#buffers.take(`entering.${name}`, batch * sequence * columns)
      return { name, data, shape: [batch, sequence, columns] }
    })
    const outputs = values.map(
      ({ name, data, shape }) => [`entering.${name}`, float32Tensor(data, shape)] as const,
    )
    await this.#run('entering', layer, block, hidden, Object.fromEntries(outputs))
    return Object.fromEntries(values.map(({ name, data }) => [name, data])) as EnteringValues
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    this.#inputs.close()
    await this.#sessions.close()
  }

  async #run(
    purpose: Purpose,
    layer: number,
    { linears, vectors }: FloatBlock,
    { data, batch, sequence }: Hidden,
    outputs: Tensors,
  ): Promise<void> {
    const { description } = this.#inputs.model
    const session = await this.#sessionFor(purpose, layer)
    const weights = linearNames.map((name) => {
      const { rows, columns } = linearShape(description, name)
      return [`${name}.weights`, float32Tensor(linears[name], [rows, columns])] as const
    })
    const ofVectors = [...vectors].map(
      ([name, values]) => [name, float32Tensor(values, [values.length])] as const,
    )
    const inputs = {
      hidden: float32Tensor(data, [batch, sequence, description.width]),
      ...(await this.#inputs.positions(layer, batch, sequence)),
      ...Object.fromEntries([...weights, ...ofVectors]),
    }
    await session.run(inputs, outputs)
  }

  #sessionFor(purpose: Purpose, layer: number): Promise<Session> {
    const { description } = this.#inputs.model
    const variant: BlockVariant = {
      formats: byLinear(linearNames, () => ({ kind: 'float32' })),
      kind: layerKind(description.layers[layer]),
      factors: 'none',
    }
    return this.#sessions.get(this.#device, JSON.stringify([purpose, variant.kind]), () =>
      this.#device.open(builders[purpose](description, variant)),
    )
  }
}
