import type { BlockOverride } from '../engine/block-runner.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { matrixTensors } from '../engine/matrix-tensors.js'
import type { Overrides } from '../engine/overrides.js'
import type { LinearName } from '../model/description.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { signAt } from '../random/directions.js'
import { TensorSigns } from '../random/tensor-signs.js'
import type { Tensors } from '../runtime/device.js'
import { EngineError } from '../schema/engine-error.js'
import { packStates, unpackStates } from './log-state.js'
import { eachWeight, emptyMatrix, masterStart, roundInto, type MasterGrid } from './master-grid.js'
import { hasEvenCodes, quantizedLinears, type QuantizedLinear } from './quantized-linears.js'
import type { TrainedLayers } from './trained-layers.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'
import { modelProblem } from '../schema/model-problems.js'

interface MasterLinear extends QuantizedLinear {
  readonly signs: TensorSigns
  readonly grid: MasterGrid
  /** In codes of the grid. */
  readonly weights: Float32Array
  /** As the file would hold it at the state; null after a move, until it is asked for. */
  rounded: QuantizedMatrix | null
}

export interface MasterWeightOptions extends TrainedLayers {
  readonly bits: 2 | 4
  readonly linears: readonly LinearName[]
}

/**
 * ZeroQAT: weights in floats behind the codes, W ± ε z rounded to codes for each probe, z in ±1, one direction for the whole
 * batch. The difference of losses is measured after rounding and moves W; nothing is differentiated. Grids stay as they
 * begin. Each step rounds once to fp32 in a fixed order, so a replay gives the same bits.
 *
 * Source: ZeroQAT, arXiv:2509.00031, equations 2 and 3; of its settings the weight-only ones, whose grid is frozen in
 * fine-tuning. Directions are ±1 here and Gaussian there.
 */
export class MasterWeights implements TrainedParameters {
  readonly lanes = 'batch'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly numbers: ReadonlyMap<string, Float32Array>
  readonly #bits: 2 | 4
  readonly #linears: readonly MasterLinear[]
  /** Probed matrices, one a linear, used by every layer in turn. */
  readonly #probed = new Map<LinearName, QuantizedMatrix>()

  /** @throws EngineError 'model-untrainable' where a chosen linear is of another than a 4-bit type */
  constructor(model: LoadedModel, { bits, linears, firstLayer, endLayer }: MasterWeightOptions) {
    this.#bits = bits
    this.firstLayer = firstLayer
    this.endLayer = endLayer
    const chosen = quantizedLinears(model, firstLayer, endLayer).filter(
      ({ linear, matrix }) => linears.includes(linear) && hasEvenCodes(matrix),
    )
    if (chosen.length < linears.length * (endLayer - firstLayer)) {
      const reason = modelProblem('no-codes')
      throw new EngineError('model-untrainable', { reason }, reason)
    }
    this.#linears = chosen.map((linear) => {
      const name = `blk.${linear.layer}.${linear.linear}.weights`
      const start = masterStart(linear.matrix, bits)
      const signs = new TensorSigns(name, start.weights.length)
      return { ...linear, ...start, name, signs, rounded: null }
    })
    this.numbers = new Map(this.#linears.map(({ name, weights }) => [name, weights]))
    this.count = this.#linears.reduce((sum, { weights }) => sum + weights.length, 0)
  }

  overrides(probe: Probe | null, sign: 1 | -1 = 1): Overrides {
    return (layer): BlockOverride | null => {
      const ofLayer = this.#linears.filter((linear) => linear.layer === layer)
      if (ofLayer.length === 0) return null
      const tensors = ofLayer.map((linear) => {
        const isStill = probe === null || !reaches(probe.layers, layer)
        const matrix = isStill ? this.#still(linear) : this.#atProbe(linear, probe, sign)
        return matrixTensors(linear.linear, matrix, 'zeroPoints')
      })
      return { factors: 'none', tensors: Object.assign({}, ...tensors) as Tensors }
    }
  }

  /** @param coefficients in the weights' own units, as `Probe.epsilon` */
  move(seed: number, coefficients: readonly number[], { layers }: StepScope = {}): void {
    for (const linear of this.#linears) {
      if (!reaches(layers, linear.layer)) continue
      const { weights, grid, signs, matrix } = linear
      coefficients.forEach((coefficient, lane) => {
        const words = signs.words(seed, lane)
        eachWeight(grid.scales.length, matrix.blockSize, (i, block) => {
          weights[i] += (signAt(words, i) * coefficient) / grid.scales[block]
        })
      })
      linear.rounded = null
    }
  }

  save(): Uint8Array {
    return packStates(this.#linears.map(({ weights }) => weights))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#linears.map(({ weights }) => weights),
    )
    this.refresh()
  }

  refresh(): void {
    for (const linear of this.#linears) linear.rounded = null
  }

  /** Codes change, not factors on scales. */
  scaleFactors(): null {
    return null
  }

  matrix(layer: number, name: LinearName): QuantizedMatrix | null {
    const found = this.#linears.find((each) => each.layer === layer && each.linear === name)
    return found === undefined ? null : this.#still(found)
  }

  #still(linear: MasterLinear): QuantizedMatrix {
    if (linear.rounded !== null) return linear.rounded
    const { weights, grid, matrix } = linear
    linear.rounded = emptyMatrix(matrix)
    roundInto(linear.rounded, this.#bits, grid, (i) => weights[i])
    return linear.rounded
  }

  #atProbe(linear: MasterLinear, { seed, epsilon, lane = 0 }: Probe, sign: 1 | -1): QuantizedMatrix {
    const { weights, grid, signs, matrix } = linear
    const probed = this.#probed.get(linear.linear) ?? emptyMatrix(matrix)
    this.#probed.set(linear.linear, probed)
    const words = signs.words(seed, lane)
    const distance = sign * epsilon
    roundInto(probed, this.#bits, grid, (i, block) => {
      return weights[i] + (signAt(words, i) * distance) / grid.scales[block]
    })
    return probed
  }
}
