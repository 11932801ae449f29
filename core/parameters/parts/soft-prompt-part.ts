import type { BlockOverride } from '../../engine/block-runner.js'
import { embed } from '../../engine/embed.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import type { SoftPromptSettings } from '../../schema/trained-part.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'

/**
 * Vectors before every text, p = p₀ + u v: p₀ are the embeddings of tokens and u their root mean square, so that a step of a
 * given size is a share of an embedding in every model. ∂L/∂v = u ∂L/∂p.
 *
 * Source: prompt tuning, Lester et al. 2021, arXiv:2104.08691, which begins at embeddings as well.
 */
export class SoftPromptPart implements DifferentiatedPart {
  readonly tensors: readonly [TrainedTensor]
  readonly changes: ModelChanges = { prompt: () => this.#vectors }
  readonly #initial: Float32Array
  readonly #unit: number
  readonly #vectors: Float32Array

  constructor(model: LoadedModel, { tokens }: SoftPromptSettings) {
    const { width } = model.description
    this.#initial = embed(model, [Int32Array.from(tokens)]).data
    const squares = this.#initial.reduce((sum, value) => sum + value * value, 0)
    this.#unit = Math.sqrt(squares / this.#initial.length) || 1
    this.#vectors = this.#initial.slice()
    const numbers = (): Float32Array => new Float32Array(this.#initial.length)
    this.tensors = [{ name: 'prompt', shape: [tokens.length, width], values: numbers(), gradient: numbers() }]
  }

  /** No layer is changed; what enters the first one is. */
  override(): BlockOverride | null {
    return null
  }

  wanted(layer: number): readonly string[] {
    return layer === 0 ? ['prompt'] : []
  }

  accumulate(layer: number, { prompt }: InputGradients): void {
    if (layer > 0) return
    const [{ gradient }] = this.tensors
    for (let i = 0; i < gradient.length; i++) gradient[i] += this.#unit * prompt[i]
  }

  refresh(): void {
    const [{ values }] = this.tensors
    for (let i = 0; i < values.length; i++) this.#vectors[i] = this.#initial[i] + this.#unit * values[i]
  }
}
