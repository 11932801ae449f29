import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { float32Tensor } from '../../engine/matrix-tensors.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import type { LinearName } from '../../model/description.js'
import type { ScaleFactors } from '../../quantization/scale-factors.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import { exactFactors, expVector, refreshFactors, type ExpVector } from '../exp-vector.js'
import { quantizedLinears, type QuantizedLinear } from '../quantized-linears.js'
import type { TrainedLayers } from '../trained-layers.js'

interface BlockScaleVector extends QuantizedLinear {
  readonly trained: ExpVector
  /** scales of the file ∘ exp(trained values). */
  readonly scales: Float32Array
}

/**
 * All block scales as S = S₀ ∘ e^v; ∂L/∂v = S ∘ ∂L/∂S. A scale keeps its sign, and its zero point stays where it is.
 *
 * A step is a share of a scale, which is what LSQ's normaliser aims at; under AdamW that normaliser has no effect.
 */
export class ScalePart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { scaleFactors: (layer, linear) => this.#factors(layer, linear) }
  readonly #vectors: readonly BlockScaleVector[]

  /** @throws EngineError 'model-untrainable' where no linear of these layers is quantized */
  constructor(model: LoadedModel, { firstLayer, endLayer }: TrainedLayers) {
    this.#vectors = quantizedLinears(model, firstLayer, endLayer).map((linear) => ({
      ...linear,
      trained: expVector(linear.name, linear.matrix.scales.length),
      scales: linear.matrix.scales.slice(),
    }))
    this.tensors = this.#vectors.map(({ trained }) => trained)
  }

  override(layer: number): BlockOverride | null {
    const vectors = this.#of(layer)
    if (vectors.length === 0) return null
    const tensors = vectors.map(({ linear, matrix, scales }) => {
      const shape = [matrix.rows, matrix.columns / matrix.blockSize]
      return [`${linear}.scales`, float32Tensor(scales, shape)] as const
    })
    return { factors: 'none', tensors: Object.fromEntries(tensors) }
  }

  wanted(layer: number): readonly string[] {
    return this.#of(layer).map(({ linear }) => `${linear}.scales`)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { linear, trained, scales } of this.#of(layer)) {
      const ofScales = gradients[`${linear}.scales`]
      for (let i = 0; i < scales.length; i++) trained.gradient[i] += ofScales[i] * scales[i]
    }
  }

  refresh(): void {
    for (const { trained, matrix, scales } of this.#vectors) {
      refreshFactors(trained)
      for (let i = 0; i < scales.length; i++) scales[i] = matrix.scales[i] * trained.factors[i]
    }
  }

  #of(layer: number): readonly BlockScaleVector[] {
    return this.#vectors.filter((vector) => vector.layer === layer)
  }

  #factors(layer: number, name: LinearName): ScaleFactors | null {
    const found = this.#of(layer).find(({ linear }) => linear === name)
    return found === undefined ? null : { shape: 'blocks', values: exactFactors(found.trained) }
  }
}
