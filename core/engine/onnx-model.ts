import { cacheNames } from '../graph/whole-model-graph.js'
import type { Device, Session, Tensor, Tensors } from '../runtime/device.js'
import { EngineError } from '../schema/engine-error.js'
import { float32Tensor } from './matrix-tensors.js'
import type { NextTokenModel } from './next-token-model.js'

/** Sizes that the inputs and outputs of an exported graph have. */
export interface OnnxSizes {
  readonly contextLength: number
  readonly vocabularySize: number
  readonly layerCount: number
  readonly kvHeadCount: number
  readonly headWidth: number
}

/** Tokens that one run takes at most: the graph gives logits of each, and they are `vocabularySize` floats. */
const tokensPerRun = 64

/** A whole-model graph with its key-value cache, over one text. */
export class OnnxModel implements NextTokenModel {
  readonly contextLength: number
  readonly #sizes: OnnxSizes
  readonly #session: Session
  #past = 0
  /** Floats that each cache buffer holds. */
  #capacity = 0
  /** The caches of all layers, keys and values: where they are, and where the next run writes them. */
  #current: Float32Array[] = []
  #next: Float32Array[] = []

  private constructor(session: Session, sizes: OnnxSizes) {
    this.#session = session
    this.#sizes = sizes
    this.contextLength = sizes.contextLength
  }

  /**
   * Opens the graph at `path`.
   *
   * @throws EngineError `runtime-failed`
   */
  static async open(path: string, sizes: OnnxSizes, device: Device): Promise<OnnxModel> {
    return new OnnxModel(await device.open(path), sizes)
  }

  async next(tokens: readonly number[]): Promise<Float32Array> {
    const logits = await this.append(tokens)
    return logits.slice(-this.#sizes.vocabularySize)
  }

  /** Appends `tokens` and returns the logits after the last up to 64 of them, shape [tokens, vocabulary]. */
  async append(tokens: readonly number[]): Promise<Float32Array> {
    const { contextLength } = this.#sizes
    const total = this.#past + tokens.length
    if (total > contextLength) {
      throw new EngineError(
        'prompt-too-long',
        { tokens: total, contextLength, where: 'the text' },
        `the text has ${total} tokens; the model reads up to ${contextLength}`,
      )
    }
    let logits: Float32Array = new Float32Array(0)
    for (let first = 0; first < tokens.length; first += tokensPerRun) {
      logits = await this.#run(tokens.slice(first, first + tokensPerRun))
    }
    return logits
  }

  reset(): void {
    this.#past = 0
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #run(tokens: readonly number[]): Promise<Float32Array> {
    const { vocabularySize } = this.#sizes
    const total = this.#past + tokens.length
    this.#reserve(total)
    const logits = new Float32Array(tokens.length * vocabularySize)
    await this.#session.run(
      {
        input_ids: int64Tensor(BigInt64Array.from(tokens, BigInt)),
        attention_mask: int64Tensor(new BigInt64Array(total).fill(1n)),
        ...this.#caches(this.#current, this.#past, 'past'),
      },
      {
        logits: float32Tensor(logits, [1, tokens.length, vocabularySize]),
        ...this.#caches(this.#next, total, 'present'),
      },
    )
    ;[this.#current, this.#next] = [this.#next, this.#current]
    this.#past = total
    return logits
  }

  #caches(buffers: readonly Float32Array[], positions: number, side: 'past' | 'present'): Tensors {
    const { layerCount, kvHeadCount, headWidth } = this.#sizes
    const shape = [1, kvHeadCount, positions, headWidth]
    const tensor = (index: number): Tensor =>
      float32Tensor(buffers[index].subarray(0, kvHeadCount * positions * headWidth), shape)
    const entries = Array.from({ length: layerCount }, (_, layer): [string, Tensor][] => {
      const names = cacheNames(layer)
      const [keys, values] = side === 'past' ? [names.pastKeys, names.pastValues] : [names.keys, names.values]
      return [
        [keys, tensor(2 * layer)],
        [values, tensor(2 * layer + 1)],
      ]
    })
    return Object.fromEntries(entries.flat())
  }

  /** Makes room for `positions` in all caches, twice as much as last time where it does not suffice. */
  #reserve(positions: number): void {
    const { contextLength, layerCount, kvHeadCount, headWidth } = this.#sizes
    const width = kvHeadCount * headWidth
    if (positions * width <= this.#capacity) return
    this.#capacity = Math.min(contextLength, Math.max(positions, (2 * this.#capacity) / width)) * width
    const grown = (): Float32Array[] =>
      Array.from({ length: 2 * layerCount }, () => new Float32Array(this.#capacity))
    const kept = grown()
    this.#current.forEach((buffer, index) => kept[index].set(buffer.subarray(0, this.#past * width)))
    this.#current = kept
    this.#next = grown()
  }
}

function int64Tensor(data: BigInt64Array): Tensor<'int64'> {
  return { type: 'int64', data, shape: [1, data.length] }
}
