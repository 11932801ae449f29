import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { float32Tensor } from '../../engine/matrix-tensors.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import type { LinearName } from '../../model/description.js'
import type { QuantizedMatrix } from '../../quantization/matrix.js'
import { EngineError } from '../../schema/engine-error.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import { quantizedLinears, type QuantizedLinear } from '../quantized-linears.js'
import type { TrainedLayers } from '../trained-layers.js'
import { modelProblem } from '../../schema/model-problems.js'

interface ZeroPointVector extends QuantizedLinear {
  /** As in the file. */
  readonly initial: Float32Array
  readonly trained: TrainedTensor
  /** initial + trained values. */
  readonly zeroPoints: Float32Array
}

/**
 * The zero points of blocks as z = z₀ + v, in codes; W = (q − z) S. A file keeps them as minima, m = −z S.
 *
 * Source of the gradient: LSQ+, Bhalgat et al. 2020, arXiv:2004.09576; here codes are fixed, so ∂L/∂z = −S Σ ∂L/∂W.
 */
export class ZeroPointPart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { matrix: (layer, linear) => this.#matrix(layer, linear) }
  readonly #vectors: readonly ZeroPointVector[]

  /** @throws EngineError 'model-untrainable' where the file's types keep no zero points */
  constructor(model: LoadedModel, { firstLayer, endLayer }: TrainedLayers) {
    this.#vectors = quantizedLinears(model, firstLayer, endLayer).flatMap((linear) => zeroPointVector(linear))
    this.tensors = this.#vectors.map(({ trained }) => trained)
    if (this.#vectors.length > 0) return
    const reason = modelProblem('no-minima')
    throw new EngineError('model-untrainable', { reason }, reason)
  }

  override(layer: number): BlockOverride | null {
    const vectors = this.#of(layer)
    if (vectors.length === 0) return null
    const tensors = vectors.map(({ linear, matrix, zeroPoints }) => {
      const shape = [matrix.rows, matrix.columns / matrix.blockSize]
      return [`${linear}.zeroPoints`, float32Tensor(zeroPoints, shape)] as const
    })
    return { factors: 'none', tensors: Object.fromEntries(tensors) }
  }

  wanted(layer: number): readonly string[] {
    return this.#of(layer).map(({ linear }) => `${linear}.zeroPoints`)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { linear, trained } of this.#of(layer)) {
      const ofZeroPoints = gradients[`${linear}.zeroPoints`]
      for (let i = 0; i < ofZeroPoints.length; i++) trained.gradient[i] += ofZeroPoints[i]
    }
  }

  refresh(): void {
    for (const { initial, trained, zeroPoints } of this.#vectors) {
      for (let i = 0; i < zeroPoints.length; i++) zeroPoints[i] = initial[i] + trained.values[i]
    }
  }

  #of(layer: number): readonly ZeroPointVector[] {
    return this.#vectors.filter((vector) => vector.layer === layer)
  }

  #matrix(layer: number, name: LinearName): QuantizedMatrix | null {
    const found = this.#of(layer).find(({ linear }) => linear === name)
    return found === undefined ? null : { ...found.matrix, zeroPoints: found.zeroPoints }
  }
}

function zeroPointVector(linear: QuantizedLinear): ZeroPointVector[] {
  const { zeroPoints: initial } = linear.matrix
  if (initial === null) return []
  const { length } = initial
  const trained = {
    name: `blk.${linear.layer}.${linear.linear}.zeroPoints`,
    shape: [length],
    values: new Float32Array(length),
    gradient: new Float32Array(length),
  }
  return [{ ...linear, initial, trained, zeroPoints: initial.slice() }]
}
