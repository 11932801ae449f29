import {
  buildBlockBackwardGraph,
  backwardVariantKey,
  type BackwardVariant,
} from '../graph/block-backward-graph.js'
import { tokenInputs } from '../graph/operators/chosen-tokens.js'
import { linearShape, type LinearName } from '../model/description.js'
import type { Device, PlacedTensor, PlacedTensors, Session } from '../runtime/device.js'
import { deviceOfLayer } from '../runtime/layer-devices.js'
import { OpenSessions } from '../runtime/open-sessions.js'
import type { BlockInputs } from './block-inputs.js'
import { plainBlock, type BlockOverride } from './block-runner.js'
import { float32Tensor } from './matrix-tensors.js'
import { ReusedBuffers } from './reused-buffer.js'
import { UnpackedWeights } from './unpacked-weights.js'

/** Gradients of a block graph's inputs, by their names. */
export type InputGradients = Readonly<Record<string, Float32Array>>

/** What entered a block in the forward pass, shape [batch, sequence, width]. */
export interface Entering {
  readonly tensor: PlacedTensor
  readonly batch: number
  readonly sequence: number
}

/** Which tokens gradients of quantized weights are estimated from (`chosenTokens`). */
export interface TokenDraw {
  /** Of the tokens. */
  readonly share: number
  /** In [0, 1), drawn anew for every run. */
  readonly offset: number
}

/** What a block's backward pass gives. */
export interface BlockGradients {
  /** Of `hidden`, for the block below: on the device where that has memory, for the caller to free. Null if not wanted. */
  readonly hidden: PlacedTensor | null
  /** Of all other inputs. */
  readonly inputs: InputGradients
}

/**
 * Attention weights of one chunk of queries: half a dozen tensors of that size live at once, and together they should not
 * outweigh the block's own activations.
 */
const attentionChunkBytes = 16 * 2 ** 20

/**
 * Runs the backward graphs of blocks: one session for each variant, the weights as its inputs. Gradients of equal names
 * share memory, so a result is valid until the next run; the hidden state's goes to two buffers in turn.
 */
export class GradientRunner {
  readonly #device: Device
  readonly #inputs: BlockInputs
  readonly #sessions = new OpenSessions<string>()
  readonly #buffers = new ReusedBuffers()
  readonly #unpacked: UnpackedWeights
  #isOdd = false

  constructor(device: Device, inputs: BlockInputs) {
    this.#device = device
    this.#inputs = inputs
    this.#unpacked = new UnpackedWeights(inputs.model.description)
  }

  /**
   * Gradients of `wanted` inputs of a block's graph, each in the input's shape, summed over the batch.
   *
   * @param nextGradient gradient at the block's output, in the shape of `entering`; zero at padding
   * @param draw tokens for the gradients of quantized weights, scales and zero points; null for all
   */
  async run(
    layer: number,
    entering: Entering,
    nextGradient: PlacedTensor,
    override: BlockOverride | null,
    wanted: readonly string[],
    draw: TokenDraw | null = null,
  ): Promise<BlockGradients> {
    const drawn = draw !== null && wanted.some(isEstimated) ? draw : null
    const { batch, sequence, tensor: hidden } = entering
    const { tensors, ...variant } = override ?? plainBlock
    const ofLayer = this.#inputs.variant(layer)
    const { formats, precision } = ofLayer
    // Unpacked here they would have to be copied to the device each time: its graph unpacks them faster. In half floats the
    // processor takes the same graph, to compute what such a device does.
    const device = deviceOfLayer(this.#device, layer)
    const unpacksHere = !device.hasMemory && precision === 'float32'
    const unpacked = unpacksHere ? this.#unpacked.names(formats) : []
    const session = await this.#sessionFor(device, {
      ...ofLayer,
      ...variant,
      unpacked,
      wanted,
      attentionChunks: attentionChunks(batch * this.#inputs.model.description.headCount, sequence),
      isSampled: drawn !== null,
    })
    const inputs: PlacedTensors = {
      hidden,
      nextGradient,
      ...(await this.#inputs.positions(layer, batch, sequence)),
      ...(await this.#inputs.weights(layer, layer > 0 ? layer - 1 : null)),
      ...tensors,
      ...(drawn !== null && {
        [tokenInputs.share]: float32Tensor(Float32Array.of(drawn.share), []),
        [tokenInputs.offset]: float32Tensor(Float32Array.of(drawn.offset), []),
      }),
      ...(unpacksHere &&
        this.#unpacked.tensors({ ...this.#inputs.arrays(layer), ...tensors }, formats, unpacked)),
    }
    this.#isOdd = !this.#isOdd
    const outputs = wanted.map((name) => {
      const ofInput = this.#shapeOf(name, inputs)
      const memory = name === 'hidden' ? `hidden:${this.#isOdd}` : name
      const data = this.#buffers.take(
        memory,
        ofInput.reduce((product, length) => product * length, 1),
      )
      return [name, float32Tensor(data, ofInput)] as const
    })
    const results = await session.run(
      inputs,
      Object.fromEntries(outputs.map(([name, tensor]) => [`gradient.${name}`, tensor])),
    )
    return {
      hidden: wanted.includes('hidden') ? results['gradient.hidden'] : null,
      inputs: Object.fromEntries(
        outputs.filter(([name]) => name !== 'hidden').map(([name, { data }]) => [name, data]),
      ),
    }
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    await this.#sessions.close()
  }

  /** The shape of an input; the float weights of a quantized linear are no input, but have a gradient all the same. */
  #shapeOf(name: string, inputs: PlacedTensors): readonly number[] {
    if (name in inputs) return inputs[name].shape
    const { rows, columns } = linearShape(this.#inputs.model.description, name.split('.')[0] as LinearName)
    return [rows, columns]
  }

  #sessionFor(device: Device, variant: BackwardVariant): Promise<Session> {
    return this.#sessions.get(device, backwardVariantKey(variant), () => {
      const graph = buildBlockBackwardGraph(this.#inputs.model.description, variant)
      const stays = variant.wanted.includes('hidden') ? ['gradient.hidden'] : []
      return device.open(graph, { stays })
    })
  }
}

/** Whether a gradient is a product over all tokens that some of them can estimate. */
function isEstimated(name: string): boolean {
  return /\.(weights|scales|zeroPoints)$/.test(name)
}

/** The smallest number of chunks of queries, a power of two so that few graphs serve all lengths, that keeps the limit. */
export function attentionChunks(batchHeads: number, sequence: number): number {
  let chunks = 1
  while (
    chunks < sequence &&
    4 * batchHeads * Math.ceil(sequence / chunks) * sequence > attentionChunkBytes
  ) {
    chunks *= 2
  }
  return chunks
}
