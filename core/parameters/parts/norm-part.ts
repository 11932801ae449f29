import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import type { BlockWeights, LoadedModel } from '../../engine/loaded-model.js'
import { float32Tensor } from '../../engine/matrix-tensors.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import { normNames, type NormName, type VectorName } from '../../model/description.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import { expVector, refreshFactors, type ExpVector } from '../exp-vector.js'
import type { TrainedLayers } from '../trained-layers.js'

interface Norm {
  readonly input: NormName
  /** As in the file. */
  readonly initial: Float32Array
  readonly trained: ExpVector
  /** initial ∘ exp(trained values). */
  readonly weight: Float32Array
}

/** The weights of the norms of blocks as n = n₀ ∘ e^v; ∂L/∂v = n ∘ ∂L/∂n. A weight keeps its sign, and 0 stays 0. */
export class NormPart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { vector: (layer, name) => this.#weight(layer, name) }
  readonly #byLayer = new Map<number, readonly Norm[]>()

  constructor({ blocks }: LoadedModel, { firstLayer, endLayer }: TrainedLayers) {
    for (let layer = firstLayer; layer < endLayer; layer++) {
      this.#byLayer.set(layer, normsOf(blocks[layer], layer))
    }
    this.tensors = [...this.#byLayer.values()].flat().map(({ trained }) => trained)
  }

  override(layer: number): BlockOverride | null {
    const norms = this.#byLayer.get(layer)
    if (norms === undefined) return null
    const tensors = norms.map(({ input, weight }) => [input, float32Tensor(weight, [weight.length])] as const)
    return { factors: 'none', tensors: Object.fromEntries(tensors) }
  }

  wanted(layer: number): readonly string[] {
    return (this.#byLayer.get(layer) ?? []).map(({ input }) => input)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { input, trained, weight } of this.#byLayer.get(layer) ?? []) {
      const ofWeight = gradients[input]
      for (let i = 0; i < weight.length; i++) trained.gradient[i] += ofWeight[i] * weight[i]
    }
  }

  refresh(): void {
    for (const { trained, initial, weight } of [...this.#byLayer.values()].flat()) {
      refreshFactors(trained)
      for (let i = 0; i < weight.length; i++) weight[i] = initial[i] * trained.factors[i]
    }
  }

  #weight(layer: number, name: VectorName): Float32Array | null {
    return this.#byLayer.get(layer)?.find(({ input }) => input === name)?.weight ?? null
  }
}

function normsOf({ vectors }: BlockWeights, layer: number): Norm[] {
  return normNames.flatMap((input): Norm[] => {
    const initial = vectors.get(input)
    if (initial === undefined) return []
    const trained = expVector(`blk.${layer}.${input}`, initial.length)
    return [{ input, initial, trained, weight: initial.slice() }]
  })
}
