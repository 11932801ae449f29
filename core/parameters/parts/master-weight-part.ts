import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { matrixTensors } from '../../engine/matrix-tensors.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import type { LinearName } from '../../model/description.js'
import type { QuantizedMatrix } from '../../quantization/matrix.js'
import type { Tensors } from '../../runtime/device.js'
import { EngineError } from '../../schema/engine-error.js'
import type { MasterWeightSettings } from '../../schema/trained-part.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import { MasterMatrix } from '../master-matrix.js'
import { hasEvenCodes, quantizedLinears, type QuantizedLinear } from '../quantized-linears.js'
import type { TrainedLayers } from '../trained-layers.js'
import { modelProblem } from '../../schema/model-problems.js'

interface MasterLinear extends QuantizedLinear {
  readonly master: MasterMatrix
}

/**
 * Quantization-aware training: weights in floats that are rounded to codes for every pass, and moved along the gradients of
 * the rounded ones. What is exported are the codes.
 *
 * Source: straight-through, Bengio et al. 2013, arXiv:1308.3432; the first-order counterpart of ZeroQAT, arXiv:2509.00031,
 * whose light variant trains queries and values.
 */
export class MasterWeightPart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { matrix: (layer, linear) => this.#matrix(layer, linear) }
  readonly #linears: readonly MasterLinear[]

  /** @throws EngineError 'model-untrainable' where a chosen linear is of another than a 4-bit type */
  constructor(model: LoadedModel, { firstLayer, endLayer }: TrainedLayers, settings: MasterWeightSettings) {
    const chosen = quantizedLinears(model, firstLayer, endLayer).filter(
      ({ linear, matrix }) => settings.linears.includes(linear) && hasEvenCodes(matrix),
    )
    if (chosen.length < settings.linears.length * (endLayer - firstLayer)) {
      const reason = modelProblem('no-codes')
      throw new EngineError('model-untrainable', { reason }, reason)
    }
    this.#linears = chosen.map((linear) => ({
      ...linear,
      master: new MasterMatrix(`blk.${linear.layer}.${linear.linear}`, linear.matrix, settings),
    }))
    this.tensors = this.#linears.flatMap(({ master }) => master.tensors)
  }

  override(layer: number): BlockOverride | null {
    const linears = this.#of(layer)
    if (linears.length === 0) return null
    const tensors = linears.map(({ linear, master }) => matrixTensors(linear, master.matrix, 'zeroPoints'))
    return { factors: 'none', tensors: Object.assign({}, ...tensors) as Tensors }
  }

  wanted(layer: number): readonly string[] {
    return this.#of(layer).map(({ linear }) => `${linear}.weights`)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { linear, master } of this.#of(layer)) master.accumulate(gradients[`${linear}.weights`])
  }

  refresh(): void {
    for (const { master } of this.#linears) master.refresh()
  }

  #of(layer: number): readonly MasterLinear[] {
    return this.#linears.filter((each) => each.layer === layer)
  }

  #matrix(layer: number, name: LinearName): QuantizedMatrix | null {
    return this.#of(layer).find(({ linear }) => linear === name)?.master.matrix ?? null
  }
}
