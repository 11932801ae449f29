import type { BlockOverride } from '../engine/block-runner.js'
import { float32Tensor } from '../engine/matrix-tensors.js'
import type { Overrides } from '../engine/scorer.js'
import { linearNames, linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import type { Tensor } from '../runtime/device.js'
import type { InputGradients } from '../engine/gradient-runner.js'
import type { DifferentiatedParameters, TrainedTensor } from './differentiated-parameters.js'
import { columnBlock, foldFactors } from './fold-factors.js'
import { packStates, unpackStates } from './log-state.js'

export interface ExactFactorOptions {
  readonly firstLayer: number
  readonly endLayer: number
  /** Whether blocks of input columns have factors too. */
  readonly hasColumns: boolean
}

/** The log-factors of a linear's rows, or of its blocks of columns, and the factors as its graph takes them. */
interface FactorVector extends TrainedTensor {
  readonly linear: LinearName
  /** Name of the graph's input. */
  readonly input: string
  /** How many neighbours share a factor in the graph's input. */
  readonly spread: number
  /** exp(values), each `spread` times. */
  readonly factors: Float32Array
}

/**
 * Factors on the outputs of linears and optionally on blocks of their inputs, y = e^a ∘ ((x ∘ e^b) Wᵀ), moved along exact
 * gradients: ∂L/∂a = e^a ∘ ∂L/∂(e^a). What is exported is what `RowFactors` exports: the factors fold into block scales.
 */
export class ExactFactors implements DifferentiatedParameters {
  readonly tensors: readonly TrainedTensor[]
  readonly count: number
  readonly #hasColumns: boolean
  readonly #vectors: readonly FactorVector[]
  readonly #byLayer = new Map<number, FactorVector[]>()

  constructor(model: ModelDescription, { firstLayer, endLayer, hasColumns }: ExactFactorOptions) {
    this.#hasColumns = hasColumns
    for (let layer = firstLayer; layer < endLayer; layer++) {
      this.#byLayer.set(layer, layerVectors(model, layer, hasColumns))
    }
    this.#vectors = [...this.#byLayer.values()].flat()
    this.tensors = this.#vectors
    this.count = this.#vectors.reduce((sum, { values }) => sum + values.length, 0)
    this.refresh()
  }

  overrides(): Overrides {
    const factors = this.#hasColumns ? 'rowsAndColumns' : 'rows'
    return (layer): BlockOverride | null => {
      const vectors = this.#byLayer.get(layer)
      if (vectors === undefined) return null
      const tensors = vectors.map((vector): [string, Tensor] => [
        vector.input,
        float32Tensor(vector.factors, [1, 1, vector.factors.length]),
      ])
      return { factors, tensors: Object.fromEntries(tensors) }
    }
  }

  wanted(layer: number): readonly string[] {
    return (this.#byLayer.get(layer) ?? []).map(({ input }) => input)
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { input, gradient, factors, spread } of this.#byLayer.get(layer) ?? []) {
      const ofFactors = gradients[input]
      for (let i = 0; i < gradient.length; i++) {
        let sum = 0
        for (let j = i * spread; j < (i + 1) * spread; j++) sum += ofFactors[j]
        gradient[i] += sum * factors[i * spread]
      }
    }
  }

  refresh(): void {
    for (const { values, factors, spread } of this.#vectors) {
      values.forEach((value, index) => factors.fill(Math.exp(value), index * spread, (index + 1) * spread))
    }
  }

  save(): Uint8Array {
    return packStates(this.#vectors.map(({ values }) => values))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#vectors.map(({ values }) => values),
    )
    this.refresh()
  }

  scaleFactors(layer: number, name: LinearName): ScaleFactors | null {
    const [rows, columns] = (this.#byLayer.get(layer) ?? []).filter(({ linear }) => linear === name)
    if ((rows as FactorVector | undefined) === undefined) return null
    return foldFactors(
      Float64Array.from(rows.values, Math.exp),
      this.#hasColumns ? Float64Array.from(columns.values, Math.exp) : null,
    )
  }
}

/** Rows first, then columns, linear by linear. */
function layerVectors(model: ModelDescription, layer: number, hasColumns: boolean): FactorVector[] {
  return linearNames.flatMap((linear) => {
    const { rows, columns } = linearShape(model, linear)
    const vector = (side: 'rows' | 'columns', length: number, spread: number): FactorVector => ({
      name: `blk.${layer}.${linear}.${side}`,
      linear,
      input: `${linear}.${side === 'rows' ? 'rowFactors' : 'columnFactors'}`,
      shape: [length],
      spread,
      values: new Float32Array(length),
      gradient: new Float32Array(length),
      factors: new Float32Array(length * spread),
    })
    const ofRows = vector('rows', rows, 1)
    return hasColumns ? [ofRows, vector('columns', columns / columnBlock, columnBlock)] : [ofRows]
  })
}
