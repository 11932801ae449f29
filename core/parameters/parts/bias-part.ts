import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { float32Tensor } from '../../engine/matrix-tensors.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import type { VectorName } from '../../model/description.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import type { TrainedLayers } from '../trained-layers.js'

interface Bias {
  readonly input: VectorName
  /** As in the file. */
  readonly initial: Float32Array
  /** What a trained number of 1 adds: the root mean square of the bias as it was, or 1 where it was 0. */
  readonly unit: number
  readonly trained: TrainedTensor
  /** initial + unit · trained values. */
  readonly bias: Float32Array
}

/**
 * The biases that a file has, as b = b₀ + u v with one unit u for each bias, so that one learning rate suits all of them;
 * ∂L/∂v = u ∂L/∂b.
 */
export class BiasPart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { vector: (layer, name) => this.#bias(layer, name) }
  readonly #byLayer = new Map<number, readonly Bias[]>()

  constructor(model: LoadedModel, { firstLayer, endLayer }: TrainedLayers) {
    for (let layer = firstLayer; layer < endLayer; layer++) this.#byLayer.set(layer, biasesOf(model, layer))
    this.tensors = [...this.#byLayer.values()].flat().map(({ trained }) => trained)
  }

  override(layer: number): BlockOverride | null {
    const biases = this.#byLayer.get(layer)
    if (biases === undefined) return null
    const tensors = biases.map(({ input, bias }) => [input, float32Tensor(bias, [bias.length])] as const)
    return { factors: 'none', tensors: Object.fromEntries(tensors) }
  }

  wanted(layer: number): readonly string[] {
    return (this.#byLayer.get(layer) ?? []).map(({ input }) => input)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { input, unit, trained } of this.#byLayer.get(layer) ?? []) {
      const ofBias = gradients[input]
      for (let i = 0; i < ofBias.length; i++) trained.gradient[i] += unit * ofBias[i]
    }
  }

  refresh(): void {
    for (const { initial, unit, trained, bias } of [...this.#byLayer.values()].flat()) {
      for (let i = 0; i < bias.length; i++) bias[i] = initial[i] + unit * trained.values[i]
    }
  }

  #bias(layer: number, name: VectorName): Float32Array | null {
    return this.#byLayer.get(layer)?.find(({ input }) => input === name)?.bias ?? null
  }
}

function biasesOf({ blocks }: LoadedModel, layer: number): Bias[] {
  return [...blocks[layer].vectors].flatMap(([input, initial]) => {
    if (!input.endsWith('.bias')) return []
    const { length } = initial
    const size = Math.sqrt(initial.reduce((sum, value) => sum + value * value, 0) / length)
    const trained = {
      name: `blk.${layer}.${input}`,
      shape: [length],
      values: new Float32Array(length),
      gradient: new Float32Array(length),
    }
    return [{ input, initial, unit: size || 1, trained, bias: initial.slice() }]
  })
}
