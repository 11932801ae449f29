import type { BlockOverride } from '../engine/block-runner.js'
import type { InputGradients } from '../engine/gradient-runner.js'
import type { LowRankMatrices } from '../engine/model-changes.js'
import type { Overrides } from '../engine/overrides.js'
import type { LinearName, VectorName } from '../model/description.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { multiplyFactors, type ScaleFactors } from '../quantization/scale-factors.js'
import { EngineError } from '../schema/engine-error.js'
import type {
  DifferentiatedParameters,
  DifferentiatedPart,
  TrainedTensor,
} from './differentiated-parameters.js'
import { packStates, unpackStates } from './log-state.js'
import { modelProblem } from '../schema/model-problems.js'

/**
 * Several kinds of trained numbers as one. Each changes other inputs of a block's graph, and other tensors of the file;
 * only factors on scales may come from several, and then multiply.
 */
export class PartSet implements DifferentiatedParameters {
  readonly tensors: readonly TrainedTensor[]
  readonly count: number
  readonly numbers: ReadonlyMap<string, Float32Array>
  readonly #parts: readonly DifferentiatedPart[]

  /** @throws EngineError 'model-untrainable' where no part finds anything to train in this model */
  constructor(parts: readonly DifferentiatedPart[]) {
    this.#parts = parts
    this.tensors = parts.flatMap(({ tensors }) => tensors)
    this.numbers = new Map(this.tensors.map(({ name, values }) => [name, values]))
    this.count = this.tensors.reduce((sum, { values }) => sum + values.length, 0)
    if (this.count > 0) return
    const reason = modelProblem('nothing-to-train')
    throw new EngineError('model-untrainable', { reason }, reason)
  }

  overrides(): Overrides {
    const overrides: Overrides = (layer) => {
      const ofParts = this.#parts.flatMap((part) => part.override(layer) ?? [])
      return ofParts.length === 0 ? null : ofParts.reduce(merged)
    }
    const prompt = this.prompt()
    return prompt === null ? overrides : Object.assign(overrides, { prompt })
  }

  wanted(layer: number): readonly string[] {
    return [...new Set(this.#parts.flatMap((part) => part.wanted(layer)))]
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const part of this.#parts) part.accumulate(layer, gradients)
  }

  refresh(): void {
    for (const part of this.#parts) part.refresh()
  }

  save(): Uint8Array {
    return packStates(this.tensors.map(({ values }) => values))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.tensors.map(({ values }) => values),
    )
    this.refresh()
  }

  scaleFactors(layer: number, linear: LinearName): ScaleFactors | null {
    const found = this.#parts.flatMap(({ changes }) => changes.scaleFactors?.(layer, linear) ?? [])
    return found.length === 0 ? null : found.reduce(multiplyFactors)
  }

  matrix(layer: number, linear: LinearName): QuantizedMatrix | null {
    return this.#first(({ changes }) => changes.matrix?.(layer, linear))
  }

  vector(layer: number, name: VectorName): Float32Array | null {
    return this.#first(({ changes }) => changes.vector?.(layer, name))
  }

  branch(layer: number, linear: LinearName): LowRankMatrices | null {
    return this.#first(({ changes }) => changes.branch?.(layer, linear))
  }

  prompt(): Float32Array | null {
    return this.#first(({ changes }) => changes.prompt?.())
  }

  #first<T>(changeOf: (part: DifferentiatedPart) => T | null | undefined): T | null {
    for (const part of this.#parts) {
      const change = changeOf(part)
      if (change !== null && change !== undefined) return change
    }
    return null
  }
}

function merged(one: BlockOverride, other: BlockOverride): BlockOverride {
  return {
    factors: one.factors === 'none' ? other.factors : one.factors,
    lowRank: { ...one.lowRank, ...other.lowRank },
    tensors: { ...one.tensors, ...other.tensors },
  }
}
