import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import { float32Tensor } from '../../engine/matrix-tensors.js'
import type { ModelChanges } from '../../engine/model-changes.js'
import { linearNames, linearShape, type LinearName, type ModelDescription } from '../../model/description.js'
import type { ScaleFactors } from '../../quantization/scale-factors.js'
import type { Tensor } from '../../runtime/device.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import { exactFactors, expVector, refreshFactors, type ExpVector } from '../exp-vector.js'
import { columnBlock, foldFactors } from '../fold-factors.js'
import type { TrainedLayers } from '../trained-layers.js'

/** The factors of a linear's rows, or of its blocks of columns. */
interface FactorVector {
  readonly trained: ExpVector
  readonly linear: LinearName
  /** Name of the graph's input. */
  readonly input: string
  /** How many neighbours share a factor in the graph's input. */
  readonly spread: number
  /** The factors as the graph takes them: each `spread` times. */
  readonly spreadFactors: Float32Array
}

/**
 * Factors on the outputs of linears and optionally on blocks of their inputs, y = e^a ∘ ((x ∘ e^b) Wᵀ), moved along exact
 * gradients. What is exported is what `RowFactors` exports: the factors fold into block scales.
 */
export class FactorPart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { scaleFactors: (layer, linear) => this.#folded(layer, linear) }
  readonly #hasColumns: boolean
  readonly #byLayer = new Map<number, FactorVector[]>()

  /** @param hasColumns whether blocks of input columns have factors too */
  constructor(model: ModelDescription, { firstLayer, endLayer }: TrainedLayers, hasColumns: boolean) {
    this.#hasColumns = hasColumns
    for (let layer = firstLayer; layer < endLayer; layer++) {
      this.#byLayer.set(layer, layerVectors(model, layer, hasColumns))
    }
    this.tensors = [...this.#byLayer.values()].flat().map(({ trained }) => trained)
  }

  override(layer: number): BlockOverride | null {
    const vectors = this.#byLayer.get(layer)
    if (vectors === undefined) return null
    const tensors = vectors.map(({ input, spreadFactors }): [string, Tensor] => [
      input,
      float32Tensor(spreadFactors, [1, 1, spreadFactors.length]),
    ])
    return {
      factors: this.#hasColumns ? 'rowsAndColumns' : 'rows',
      tensors: Object.fromEntries(tensors),
    }
  }

  wanted(layer: number): readonly string[] {
    return (this.#byLayer.get(layer) ?? []).map(({ input }) => input)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { input, trained, spread } of this.#byLayer.get(layer) ?? []) {
      const ofFactors = gradients[input]
      const { gradient, factors } = trained
      for (let i = 0; i < gradient.length; i++) {
        let sum = 0
        for (let j = i * spread; j < (i + 1) * spread; j++) sum += ofFactors[j]
        gradient[i] += sum * factors[i]
      }
    }
  }

  refresh(): void {
    for (const { trained, spread, spreadFactors } of [...this.#byLayer.values()].flat()) {
      refreshFactors(trained)
      if (spread === 1) continue
      trained.factors.forEach((factor, i) => spreadFactors.fill(factor, i * spread, (i + 1) * spread))
    }
  }

  #folded(layer: number, name: LinearName): ScaleFactors | null {
    const [rows, columns] = (this.#byLayer.get(layer) ?? []).filter(({ linear }) => linear === name)
    if ((rows as FactorVector | undefined) === undefined) return null
    return foldFactors(exactFactors(rows.trained), this.#hasColumns ? exactFactors(columns.trained) : null)
  }
}

/** Rows first, then columns, linear by linear. */
function layerVectors(model: ModelDescription, layer: number, hasColumns: boolean): FactorVector[] {
  return linearNames.flatMap((linear) => {
    const { rows, columns } = linearShape(model, linear)
    const vector = (side: 'rows' | 'columns', length: number, spread: number): FactorVector => {
      const trained = expVector(`blk.${layer}.${linear}.${side}`, length)
      return {
        trained,
        linear,
        input: `${linear}.${side === 'rows' ? 'rowFactors' : 'columnFactors'}`,
        spread,
        spreadFactors: spread === 1 ? trained.factors : new Float32Array(length * spread).fill(1),
      }
    }
    const ofRows = vector('rows', rows, 1)
    return hasColumns ? [ofRows, vector('columns', columns / columnBlock, columnBlock)] : [ofRows]
  })
}
