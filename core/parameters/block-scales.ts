import type { LoadedModel } from '../engine/loaded-model.js'
import type { Overrides } from '../engine/overrides.js'
import { linearNames, type LinearName } from '../model/description.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import type { ProbeDirections } from '../schema/probe-directions.js'
import { createScaleDirections, directionTable } from './create-scale-directions.js'
import { expUnits, packStates, toUnits, unpackStates } from './log-state.js'
import { quantizedLinears, scaleOverrides, type QuantizedLinear } from './quantized-linears.js'
import { ScaleArrays, type ScaleArray } from './scale-arrays.js'
import type { ScaleDirections } from './scale-directions.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'

interface TrainedScales extends QuantizedLinear {
  readonly directions: ScaleDirections
  /** The state, and S there, once a step instead of at every probe. */
  readonly array: ScaleArray
  /** Whether the state has moved since its scales were computed. */
  hasMoved: boolean
}

/**
 * All block scales of the trained layers as S = S0 · exp(s · 2^−20), s whole numbers; directions for the whole batch.
 * A scale keeps its sign, and zero points stay where they are.
 *
 * Source: QZO, arXiv:2505.13430, in the log-scale form (one setting for all layers).
 */
export class BlockScales implements TrainedParameters {
  readonly lanes = 'batch'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly numbers: ReadonlyMap<string, Int32Array>
  readonly #linears: readonly TrainedScales[]
  readonly #memory: ScaleArrays

  /** @throws EngineError 'model-untrainable' where no linear of these layers is quantized; 'memory-budget-exceeded' */
  constructor(model: LoadedModel, firstLayer: number, endLayer: number, directions: ProbeDirections) {
    this.firstLayer = firstLayer
    this.endLayer = endLayer
    const linears = quantizedLinears(model, firstLayer, endLayer)
    const lengths = linears.map(({ matrix }) => matrix.scales.length)
    // The linears of a layer run together, and those of the next layer afterwards.
    const probedLengths = linearNames.map((name) =>
      Math.max(
        0,
        ...linears.filter(({ linear }) => linear === name).map(({ matrix }) => matrix.scales.length),
      ),
    )
    const memory = new ScaleArrays(lengths, probedLengths, directionTable(directions))
    this.#memory = memory
    const created = createScaleDirections(
      directions,
      memory,
      linears.map(({ name, linear, matrix: { rows, columns, blockSize } }, index) => ({
        name,
        shape: [rows, columns / blockSize],
        array: memory.arrays[index],
        probedIndex: linearNames.indexOf(linear),
      })),
    )
    this.#linears = linears.map((linear, index) => ({
      ...linear,
      directions: created[index],
      array: memory.arrays[index],
      hasMoved: true,
    }))
    this.numbers = new Map(this.#linears.map(({ name, array }) => [name, array.units]))
    this.count = this.#linears.reduce((sum, { array }) => sum + array.units.length, 0)
  }

  overrides(probe: Probe | null, sign: 1 | -1 = 1): Overrides {
    return scaleOverrides(this.#linears, (linear) =>
      probe === null || !reaches(probe.layers, linear.layer)
        ? this.#still(linear)
        : this.#probed(linear, probe, sign),
    )
  }

  move(seed: number, coefficients: readonly number[], { layers, basis = seed }: StepScope = {}): void {
    const moved = this.#linears.filter(({ layer }) => reaches(layers, layer))
    coefficients.forEach((coefficient, lane) => {
      for (const { directions } of moved) directions.move({ seed, lane, basis }, coefficient)
    })
    for (const linear of moved) linear.hasMoved = true
  }

  save(): Uint8Array {
    return packStates(this.#linears.map(({ array }) => array.units))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#linears.map(({ array }) => array.units),
    )
    this.refresh()
  }

  refresh(): void {
    for (const linear of this.#linears) linear.hasMoved = true
  }

  scaleFactors(layer: number, name: LinearName): ScaleFactors | null {
    const found = this.#linears.find((linear) => linear.layer === layer && linear.linear === name)
    return found === undefined
      ? null
      : { shape: 'blocks', values: Float64Array.from(found.array.units, expUnits) }
  }

  #still(linear: TrainedScales): Float32Array {
    if (linear.hasMoved) {
      this.#memory.refresh(linear.array, linear.matrix.scales)
      linear.hasMoved = false
    }
    return linear.array.scales
  }

  #probed(linear: TrainedScales, probe: Probe, sign: 1 | -1): Float32Array {
    const { seed, epsilon, lane = 0, basis = seed } = probe
    this.#still(linear)
    return linear.directions.probe({ seed, lane, basis }, sign * toUnits(epsilon))
  }
}
