import type { Device, Session, Tensor } from '../runtime/device.js'
import { EngineError } from '../schema/engine-error.js'
import { float32Tensor } from './matrix-tensors.js'
import type { NextTokenModel } from './next-token-model.js'
import { SharedCache, type CacheSizes } from './shared-cache.js'

/** Sizes that the inputs and outputs of an exported graph have. */
export interface OnnxSizes extends CacheSizes {
  readonly vocabularySize: number
}

/** Tokens that one run takes at most: the graph gives logits of each, and they are `vocabularySize` floats. */
const tokensPerRun = 64

/** A whole-model graph with its key-value cache, over one text. */
export class OnnxModel implements NextTokenModel {
  readonly contextLength: number
  readonly #sizes: OnnxSizes
  readonly #session: Session
  readonly #cache: SharedCache

  private constructor(session: Session, sizes: OnnxSizes) {
    this.#session = session
    this.#sizes = sizes
    this.#cache = new SharedCache(sizes)
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
    const total = this.#cache.length + tokens.length
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
    this.#cache.clear()
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #run(tokens: readonly number[]): Promise<Float32Array> {
    const { vocabularySize } = this.#sizes
    const { past, present } = this.#cache.tensors(tokens.length)
    const total = this.#cache.length + tokens.length
    const logits = new Float32Array(tokens.length * vocabularySize)
    await this.#session.run(
      {
        input_ids: int64Tensor(BigInt64Array.from(tokens, BigInt)),
        attention_mask: int64Tensor(new BigInt64Array(total).fill(1n)),
        ...past,
      },
      { logits: float32Tensor(logits, [1, tokens.length, vocabularySize]), ...present },
    )
    this.#cache.advance(tokens.length)
    return logits
  }
}

function int64Tensor(data: BigInt64Array): Tensor<'int64'> {
  return { type: 'int64', data, shape: [1, data.length] }
}
