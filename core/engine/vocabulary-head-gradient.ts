import { buildDivergenceGraph, buildHeadGradientGraph } from '../graph/head-gradient-graph.js'
import type { Device, Tensor } from '../runtime/device.js'
import { HeadSweep } from './head-sweep.js'
import { dot } from './label-head.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor } from './matrix-tensors.js'
import { addOutputNormGradient, finishedLogit, logitSlope, outputNormed } from './output-norm.js'

/** A token whose log-probability counts in a loss. */
export interface WeighedToken {
  readonly target: number
  /** ∂ loss / ∂ log p(target). */
  readonly coefficient: number
  /** log Σ exp(logits) at its position, from a forward pass over the vocabulary. */
  readonly logSumExp: number
}

/** A position where the model is compared with its base. */
export interface ComparedToken {
  /** ∂ loss / ∂ KL(base ‖ model). */
  readonly coefficient: number
  /** log Σ exp(logits) of the model and of the base, from forward passes over the vocabulary. */
  readonly logSumExp: number
  readonly baseLogSumExp: number
}

/** With the weights of a run of `HeadSweep` it bounds the logits: 7 MB at a width of 576, less for wider models. */
const tokensPerRun = 512

/** Gradients of losses that read distributions over the whole vocabulary, at the last hidden states. */
export class VocabularyHeadGradient {
  readonly #model: LoadedModel
  readonly #expected: HeadSweep
  readonly #divergence: HeadSweep

  constructor(device: Device, model: LoadedModel) {
    this.#model = model
    this.#expected = new HeadSweep(device, model, buildHeadGradientGraph)
    this.#divergence = new HeadSweep(device, model, buildDivergenceGraph)
  }

  /**
   * Adds the gradient of Σ coefficient · log p(target) at the hidden states.
   *
   * ∂/∂normed = coefficient · (s_target w_target − Σ_v p(v) s_v w_v) with s the slopes of scale and cap, then back through the
   * final norm.
   *
   * @param hidden shape [tokens, width]
   * @param gradient where it is added, same shape
   */
  async addLogProbabilities(
    hidden: Float32Array,
    tokens: readonly WeighedToken[],
    gradient: Float32Array,
  ): Promise<void> {
    const { description, output } = this.#model
    const { width } = description
    const row = new Float32Array(width)
    for (const [first, end] of parts(tokens.length)) {
      const part = tokens.slice(first, end)
      const states = hidden.subarray(first * width, end * width)
      const shape = [1, part.length, width]
      const sums = await this.#expected.run(
        {
          hidden: float32Tensor(states, shape),
          logSumExp: byToken(part, (token) => token.logSumExp),
          coefficients: byToken(part, (token) => token.coefficient),
        },
        { 'gradient.normed': shape },
      )
      const ofNormed = sums['gradient.normed']
      part.forEach(({ target, coefficient }, token) => {
        output.readRow(target, row, 0)
        const slope = coefficient * this.#slope(row, states, token * width)
        row.forEach((weight, i) => {
          ofNormed[token * width + i] = slope * weight - ofNormed[token * width + i]
        })
      })
      this.#addThroughNorm(ofNormed, states, gradient.subarray(first * width, end * width))
    }
  }

  /**
   * Adds the gradient of Σ coefficient · KL(base ‖ model) at the model's hidden states.
   *
   * ∂/∂normed = coefficient · Σ_v (p(v) − q(v)) w_v, with p the model's and q the base's distribution.
   *
   * Source: distillation, Hinton et al. 2015, arXiv:1503.02531, section 2, at temperature 1.
   *
   * @param hidden the model's states, shape [tokens, width]
   * @param baseHidden the base's states at the same tokens
   * @param gradient where it is added, same shape
   * @returns KL(base ‖ model) of every token, in nats
   */
  async addDivergences(
    hidden: Float32Array,
    baseHidden: Float32Array,
    tokens: readonly ComparedToken[],
    gradient: Float32Array,
  ): Promise<number[]> {
    const { width } = this.#model.description
    const divergences: number[] = []
    for (const [first, end] of parts(tokens.length)) {
      const part = tokens.slice(first, end)
      const states = hidden.subarray(first * width, end * width)
      const shape = [1, part.length, width]
      const sums = await this.#divergence.run(
        {
          hidden: float32Tensor(states, shape),
          baseHidden: float32Tensor(baseHidden.subarray(first * width, end * width), shape),
          logSumExp: byToken(part, (token) => token.logSumExp),
          baseLogSumExp: byToken(part, (token) => token.baseLogSumExp),
          coefficients: byToken(part, (token) => token.coefficient),
        },
        { 'gradient.normed': shape, difference: [1, part.length, 1] },
      )
      this.#addThroughNorm(sums['gradient.normed'], states, gradient.subarray(first * width, end * width))
      part.forEach(({ logSumExp, baseLogSumExp }, token) => {
        divergences.push(sums.difference[token] + logSumExp - baseLogSumExp)
      })
    }
    return divergences
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    await this.#expected.close()
    await this.#divergence.close()
  }

  /** Of a token's logit by its row's product with the normed state. */
  #slope(row: Float32Array, states: Float32Array, offset: number): number {
    const { logitScale, logitSoftCap } = this.#model.description
    if (logitSoftCap === null) return logitScale
    const product = dot(row, outputNormed(this.#model, states, offset))
    return logitSlope(this.#model, finishedLogit(this.#model, product))
  }

  /** From the gradient at normed states to that at the states. */
  #addThroughNorm(ofNormed: Float64Array, states: Float32Array, gradient: Float32Array): void {
    const { width } = this.#model.description
    for (let offset = 0; offset < states.length; offset += width) {
      const ofState = ofNormed.subarray(offset, offset + width)
      addOutputNormGradient(this.#model, ofState, states, gradient, offset)
    }
  }
}

/** A number for each token, as the graphs take it. */
function byToken<T>(tokens: readonly T[], value: (token: T) => number): Tensor {
  return float32Tensor(Float32Array.from(tokens, value), [1, tokens.length, 1])
}

/** Ranges of tokens that run together. */
function parts(count: number): [first: number, end: number][] {
  return Array.from({ length: Math.ceil(count / tokensPerRun) }, (_, index) => [
    index * tokensPerRun,
    Math.min(count, (index + 1) * tokensPerRun),
  ])
}
