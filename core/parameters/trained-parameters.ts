import type { ModelChanges } from '../engine/model-changes.js'
import type { Overrides } from '../engine/overrides.js'
import type { LinearName } from '../model/description.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'

/** What a step's seed does not say of its directions. */
export interface StepScope {
  /** Layers that are probed or moved; all of the trained ones unless said. */
  readonly layers?: ReadonlySet<number> | null
  /** Seed of what the directions of several steps have in common; the step's own unless said. */
  readonly basis?: number
}

/** A move that is evaluated, not taken: ± `epsilon` along the directions of `seed`, in some of the layers. */
export interface Probe extends StepScope {
  readonly seed: number
  readonly epsilon: number
  /** Which direction, where all rows share it; 0 unless said. */
  readonly lane?: number
}

/** Trained numbers as a state holds them. */
export type TrainedNumbers = Int32Array | Float32Array | Uint8Array

/** What a run made of a model: what its layers run with, how to keep it, and what it means for the model's file. */
export interface TrainedState extends ModelChanges {
  /** How many numbers are trained. */
  readonly count: number
  /** The numbers themselves, by name, in the order of `save`: whole units of log-scales, floats, or packed codes. Whoever writes to them says so, by `load` or `refresh`. */
  readonly numbers: ReadonlyMap<string, TrainedNumbers>
  /** What the trained layers run with. */
  overrides(probe: null): Overrides
  /** The state as bytes, equal for equal states. */
  save(): Uint8Array
  /** Takes back a state that `save` gave. */
  load(state: Uint8Array): void
}

/** The bytes that `save` copies, over the numbers themselves. */
export function stateViews({ numbers }: TrainedState): Uint8Array[] {
  return [...numbers.values()].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
}

/**
 * What forward passes train. The state changes in whole steps only, by `move`; a probe is computed from it and never undone,
 * so there is nothing to restore.
 */
export interface TrainedParameters extends TrainedState {
  /** Layers first … end − 1. */
  readonly firstLayer: number
  readonly endLayer: number
  /** `example`: each example has a direction of its own (its lane); `batch`: all share each lane in turn. */
  readonly lanes: 'example' | 'batch'
  /** Of those numbers that are matrices, by name: rows and columns. */
  readonly shapes?: ReadonlyMap<string, readonly [rows: number, columns: number]>
  /** What the trained layers run with: at the state, or at a probe in the direction that `sign` says. */
  overrides(probe: Probe | null, sign?: 1 | -1): Overrides
  /** state += Σ coefficients[lane] · direction(seed, lane), within the scope. */
  move(seed: number, coefficients: readonly number[], scope?: StepScope): void
  /** Takes note that `numbers` were written to. */
  refresh(): void
  /** What to multiply the scales of a linear in the file by; null where nothing of it is trained. */
  scaleFactors(layer: number, name: LinearName): ScaleFactors | null
}

/** Whether a step or a probe reaches a layer. */
export function reaches(layers: ReadonlySet<number> | null | undefined, layer: number): boolean {
  return layers?.has(layer) ?? true
}
