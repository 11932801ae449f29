import { float32Tensor } from '../engine/matrix-tensors.js'
import type { BlockOverride } from '../engine/block-runner.js'
import { ReusedBuffer, ReusedBuffers } from '../engine/reused-buffer.js'
import type { Overrides, RowProbe } from '../engine/overrides.js'
import { linearNames, linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import { TensorSigns } from '../random/tensor-signs.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import type { Tensor } from '../runtime/device.js'
import { columnBlock, foldFactors } from './fold-factors.js'
import { layOutFactors } from './lay-out-factors.js'
import { expUnits, packStates, toUnits, unpackStates } from './log-state.js'
import { ScaleArrays, type ScaleArray } from './scale-arrays.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'

export interface RowFactorOptions {
  readonly firstLayer: number
  readonly endLayer: number
  /** Whether blocks of input columns have factors too. */
  readonly hasColumns: boolean
}

/** One vector of log-factors: of a linear's rows, or of its blocks of columns. */
interface FactorVector {
  readonly layer: number
  readonly linear: LinearName
  readonly side: 'rows' | 'columns'
  readonly signs: TensorSigns
  /** The state, and its exponentials. */
  readonly array: ScaleArray
  /** Whether the state has moved since its exponentials were computed. */
  hasMoved: boolean
}

/**
 * Factors on the outputs of linears, one a row of the weight, and optionally one a block of inputs:
 * y = e^a ∘ ((x ∘ e^b) Wᵀ). The weight is not touched while training; on export the factors fold exactly into the scales
 * of its blocks. A probe multiplies activations, so every example of a batch has a direction of its own, and plus and minus
 * run as one batch.
 *
 * With columns the direction is (z_rows + z_columns) / √2, so that a product of factors has the same spread.
 *
 * Source: per-example directions, GRZO, arXiv:2606.02857; probes on activations as in Flipout, Wen et al. 2018.
 */
export class RowFactors implements TrainedParameters {
  readonly lanes = 'example'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly numbers: ReadonlyMap<string, Int32Array>
  readonly #options: RowFactorOptions
  readonly #vectors: readonly FactorVector[]
  readonly #byLayer = new Map<number, FactorVector[]>()
  /** One buffer a linear and side, used by every layer in turn. */
  readonly #buffers = new ReusedBuffers()
  readonly #scratch = new ReusedBuffer()
  readonly #memory: ScaleArrays
  readonly #ones: Float32Array

  constructor(model: ModelDescription, options: RowFactorOptions) {
    this.#options = options
    this.firstLayer = options.firstLayer
    this.endLayer = options.endLayer
    const places = factorPlaces(model, options)
    const lengths = places.map(({ length }) => length)
    this.#memory = new ScaleArrays(lengths, [])
    this.#ones = new Float32Array(Math.max(...lengths)).fill(1)
    this.#vectors = places.map(({ layer, linear, side, length }, index) => ({
      ...{ layer, linear, side },
      signs: new TensorSigns(`blk.${layer}.${linear}.${side}`, length),
      array: this.#memory.arrays[index],
      hasMoved: true,
    }))
    for (const vector of this.#vectors) {
      this.#byLayer.set(vector.layer, [...(this.#byLayer.get(vector.layer) ?? []), vector])
    }
    this.numbers = new Map(
      this.#vectors.map(({ layer, linear, side, array }) => [`blk.${layer}.${linear}.${side}`, array.units]),
    )
    this.count = this.#vectors.reduce((sum, { array }) => sum + array.units.length, 0)
  }

  overrides(probe: Probe | null): Overrides {
    const factors = this.#options.hasColumns ? 'rowsAndColumns' : 'rows'
    return (layer, rows): BlockOverride | null => {
      const vectors = this.#byLayer.get(layer)
      if (vectors === undefined) return null
      const tensors = vectors.map((vector): [string, Tensor] => {
        const isStill = probe === null || rows === null || !reaches(probe.layers, layer)
        const tensor = isStill ? this.#still(vector) : this.#probed(vector, probe, rows)
        return [`${vector.linear}.${vector.side === 'rows' ? 'rowFactors' : 'columnFactors'}`, tensor]
      })
      return { factors, tensors: Object.fromEntries(tensors) }
    }
  }

  move(seed: number, coefficients: readonly number[], { layers }: StepScope = {}): void {
    for (const vector of this.#vectors) {
      if (!reaches(layers, vector.layer)) continue
      coefficients.forEach((coefficient, lane) =>
        this.#memory.move(vector.array, vector.signs.words(seed, lane), coefficient),
      )
      vector.hasMoved = true
    }
  }

  save(): Uint8Array {
    return packStates(this.#vectors.map(({ array }) => array.units))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#vectors.map(({ array }) => array.units),
    )
    this.refresh()
  }

  refresh(): void {
    for (const vector of this.#vectors) vector.hasMoved = true
  }

  scaleFactors(layer: number, name: LinearName): ScaleFactors | null {
    const ofLinear = (this.#byLayer.get(layer) ?? []).filter(({ linear }) => linear === name)
    const rows = ofLinear.find(({ side }) => side === 'rows')
    const columns = ofLinear.find(({ side }) => side === 'columns')
    if (rows === undefined) return null
    return foldFactors(exactFactors(rows), columns === undefined ? null : exactFactors(columns))
  }

  #still(vector: FactorVector): Tensor {
    const spread = vector.side === 'rows' ? 1 : columnBlock
    const factors = this.#factorsOf(vector)
    const data = this.#buffers.take(`${vector.linear}.${vector.side}`, factors.length * spread)
    for (let i = 0; i < data.length; i++) data[i] = factors[Math.floor(i / spread)]
    return float32Tensor(data, [1, 1, data.length])
  }

  /** exp of a vector's state, computed when it is first asked for after a move. */
  #factorsOf(vector: FactorVector): Float32Array {
    const { array } = vector
    if (vector.hasMoved) {
      this.#memory.refresh(array, this.#ones.subarray(0, array.units.length))
      vector.hasMoved = false
    }
    return array.scales
  }

  /** Factors of every row of the batch: exp(s ± ε) by the sign of its lane's direction. */
  #probed(vector: FactorVector, { seed, epsilon }: Probe, rows: readonly RowProbe[]): Tensor {
    const spread = vector.side === 'rows' ? 1 : columnBlock
    const factors = this.#factorsOf(vector)
    const length = factors.length * spread
    const units = toUnits(this.#options.hasColumns ? epsilon / Math.SQRT2 : epsilon)
    const data = this.#buffers.take(`${vector.linear}.${vector.side}`, rows.length * length)
    layOutFactors(
      data,
      { factors, up: expUnits(units), down: expUnits(-units), spread },
      rows.map(({ lane, sign }) => ({ words: vector.signs.words(seed, lane), sign })),
      this.#scratch,
    )
    return float32Tensor(data, [rows.length, 1, length])
  }
}

/** Where a vector of factors belongs, and how many it has. */
interface FactorPlace extends Pick<FactorVector, 'layer' | 'linear' | 'side'> {
  readonly length: number
}

function factorPlaces(model: ModelDescription, options: RowFactorOptions): FactorPlace[] {
  const places: FactorPlace[] = []
  for (let layer = options.firstLayer; layer < options.endLayer; layer++) {
    for (const linear of linearNames) {
      const { rows, columns } = linearShape(model, linear)
      places.push({ layer, linear, side: 'rows', length: rows })
      if (options.hasColumns) places.push({ layer, linear, side: 'columns', length: columns / columnBlock })
    }
  }
  return places
}

/** exp of the state in float64, as it folds into the numbers of a file. */
function exactFactors({ array }: FactorVector): Float64Array {
  return Float64Array.from(array.units, expUnits)
}
