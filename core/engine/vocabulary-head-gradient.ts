import { buildHeadGradientGraph } from '../graph/head-gradient-graph.js'
import { formatOf } from '../graph/linear.js'
import type { Device, Session } from '../runtime/device.js'
import { normedRows } from './label-head.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor, matrixRows, matrixTensors } from './matrix-tensors.js'
import { ReusedBuffer } from './reused-buffer.js'
import { addRootMeanSquareGradient } from './root-mean-square-gradient.js'

/** A token whose log-probability counts in a loss. */
export interface WeighedToken {
  readonly target: number
  /** ∂ loss / ∂ log p(target). */
  readonly coefficient: number
  /** log Σ exp(logits) at its position, from a forward pass over the vocabulary. */
  readonly logSumExp: number
}

/** Weights of the output matrix that are unpacked at a time: 8 MB in floats. */
const weightsPerRun = 2 ** 21
/** With `weightsPerRun` it bounds the logits of a run to 8 MB at a width of 512, and to less for wider models. */
const tokensPerRun = 512

/**
 * Gradients of log-probabilities over the whole vocabulary, with the output matrix in chunks: memory does not grow with
 * vocabulary × tokens.
 */
export class VocabularyHeadGradient {
  readonly #device: Device
  readonly #model: LoadedModel
  readonly #sessions = new Map<number, Promise<Session>>()
  readonly #output = new ReusedBuffer()

  constructor(device: Device, model: LoadedModel) {
    this.#device = device
    this.#model = model
  }

  /**
   * Adds the gradient of Σ coefficient · log p(target) at the hidden states.
   *
   * ∂/∂normed = coefficient · (w_target − Σ_v p(v) w_v), then back through the final norm.
   *
   * @param hidden shape [tokens, width]
   * @param gradient where it is added, same shape
   */
  async add(hidden: Float32Array, tokens: readonly WeighedToken[], gradient: Float32Array): Promise<void> {
    const { width } = this.#model.description
    for (let first = 0; first < tokens.length; first += tokensPerRun) {
      const part = tokens.slice(first, first + tokensPerRun)
      const range = [first * width, (first + part.length) * width] as const
      await this.#addPart(hidden.subarray(...range), part, gradient.subarray(...range))
    }
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    const sessions = await Promise.all(this.#sessions.values())
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => session.close()))
  }

  async #addPart(
    hidden: Float32Array,
    tokens: readonly WeighedToken[],
    gradient: Float32Array,
  ): Promise<void> {
    const { outputNorm, description } = this.#model
    const { width, normEpsilon } = description
    const sums = await this.#weighedRows(hidden, tokens)
    tokens.forEach(({ target, coefficient }, token) => {
      const [ofNormed] = normedRows(this.#model, [target])
      for (let i = 0; i < width; i++) {
        ofNormed[i] = coefficient * ofNormed[i] - sums[token * width + i] * outputNorm[i]
      }
      addRootMeanSquareGradient(ofNormed, hidden, gradient, token * width, normEpsilon)
    })
  }

  /** coefficient · Σ_v p(v) w_v of every token, shape [tokens, width]. */
  async #weighedRows(hidden: Float32Array, tokens: readonly WeighedToken[]): Promise<Float64Array> {
    const { description, output, outputNorm } = this.#model
    const { width, vocabularySize } = description
    const shape = [1, tokens.length, width]
    const byToken = [1, tokens.length, 1]
    const common = {
      hidden: float32Tensor(hidden, shape),
      output_norm: float32Tensor(outputNorm, [width]),
      logSumExp: float32Tensor(
        Float32Array.from(tokens, (token) => token.logSumExp),
        byToken,
      ),
      coefficients: float32Tensor(
        Float32Array.from(tokens, (token) => token.coefficient),
        byToken,
      ),
    }
    const sums = new Float64Array(hidden.length)
    const part = this.#output.take(hidden.length)
    for (let first = 0; first < vocabularySize; first += rowsPerRun(width)) {
      const end = Math.min(vocabularySize, first + rowsPerRun(width))
      const session = await this.#sessionFor(end - first)
      await session.run(
        { ...common, ...matrixTensors('output', matrixRows(output, first, end), 'zeroPoints') },
        { 'gradient.normed': float32Tensor(part, shape) },
      )
      for (let i = 0; i < sums.length; i++) sums[i] += part[i]
    }
    return sums
  }

  #sessionFor(rows: number): Promise<Session> {
    const known = this.#sessions.get(rows)
    if (known !== undefined) return known
    const { description, output } = this.#model
    const opened = this.#device.open(buildHeadGradientGraph(description, formatOf(output), rows))
    this.#sessions.set(rows, opened)
    return opened
  }
}

function rowsPerRun(width: number): number {
  return Math.max(1, Math.floor(weightsPerRun / width))
}
