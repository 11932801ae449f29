import type { TrainableModel } from '../engine/graph-model.js'
import type { Overrides } from '../engine/overrides.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import type { ProbeDirections } from '../schema/probe-directions.js'
import { createScaleDirections, directionTable } from './create-scale-directions.js'
import { expUnits, packStates, toUnits, unpackStates } from './log-state.js'
import { ScaleArrays, type ScaleArray } from './scale-arrays.js'
import type { ScaleDirections } from './scale-directions.js'
import { scaleOverrides, scaleTensors, type ScaleTensor } from './scale-tensors.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'

interface TrainedScales extends ScaleTensor {
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
  readonly shapes: ReadonlyMap<string, readonly [rows: number, blocks: number]>
  readonly numbers: ReadonlyMap<string, Int32Array>
  readonly #tensors: readonly TrainedScales[]
  readonly #memory: ScaleArrays

  /** @throws EngineError 'model-untrainable' where nothing of these layers is quantized; 'memory-budget-exceeded' */
  constructor(model: TrainableModel, firstLayer: number, endLayer: number, directions: ProbeDirections) {
    this.firstLayer = firstLayer
    this.endLayer = endLayer
    const tensors = scaleTensors(model, firstLayer, endLayer)
    const lengths = tensors.map(({ initial }) => initial.length)
    const places = [...new Set(tensors.map(({ place }) => place))]
    // Those of a layer run together, and those of the next layer afterwards.
    const probedLengths = places.map((place) =>
      Math.max(...lengths.filter((_, index) => tensors[index].place === place)),
    )
    const memory = new ScaleArrays(lengths, probedLengths, directionTable(directions))
    this.#memory = memory
    const created = createScaleDirections(
      directions,
      memory,
      tensors.map(({ name, place, grid }, index) => ({
        name,
        shape: grid,
        array: memory.arrays[index],
        probedIndex: places.indexOf(place),
      })),
    )
    this.#tensors = tensors.map((tensor, index) => ({
      ...tensor,
      directions: created[index],
      array: memory.arrays[index],
      hasMoved: true,
    }))
    this.shapes = new Map(tensors.map(({ name, grid }) => [name, grid]))
    this.numbers = new Map(this.#tensors.map(({ name, array }) => [name, array.units]))
    this.count = lengths.reduce((sum, length) => sum + length, 0)
  }

  overrides(probe: Probe | null, sign: 1 | -1 = 1): Overrides {
    return scaleOverrides(this.#tensors, (tensor) =>
      probe === null || !reaches(probe.layers, tensor.layer)
        ? this.#still(tensor)
        : this.#probed(tensor, probe, sign),
    )
  }

  move(seed: number, coefficients: readonly number[], { layers, basis = seed }: StepScope = {}): void {
    const moved = this.#tensors.filter(({ layer }) => reaches(layers, layer))
    coefficients.forEach((coefficient, lane) => {
      for (const { directions } of moved) directions.move({ seed, lane, basis }, coefficient)
    })
    for (const tensor of moved) tensor.hasMoved = true
  }

  save(): Uint8Array {
    return packStates(this.#tensors.map(({ array }) => array.units))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#tensors.map(({ array }) => array.units),
    )
    this.refresh()
  }

  refresh(): void {
    for (const tensor of this.#tensors) tensor.hasMoved = true
  }

  scaleFactors(layer: number, place: string): ScaleFactors | null {
    const found = this.#tensors.find((tensor) => tensor.layer === layer && tensor.place === place)
    return found === undefined
      ? null
      : { shape: 'blocks', values: Float64Array.from(found.array.units, expUnits) }
  }

  #still(tensor: TrainedScales): Float32Array {
    if (tensor.hasMoved) {
      this.#memory.refresh(tensor.array, tensor.initial)
      tensor.hasMoved = false
    }
    return tensor.array.scales
  }

  #probed(tensor: TrainedScales, probe: Probe, sign: 1 | -1): Float32Array {
    const { seed, epsilon, lane = 0, basis = seed } = probe
    this.#still(tensor)
    return tensor.directions.probe({ seed, lane, basis }, sign * toUnits(epsilon))
  }
}
