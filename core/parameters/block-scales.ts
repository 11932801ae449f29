import type { LoadedModel } from '../engine/loaded-model.js'
import { ReusedBuffers } from '../engine/reused-buffer.js'
import type { Overrides } from '../engine/scorer.js'
import type { LinearName } from '../model/description.js'
import { fillSigns, signWordCount } from '../random/directions.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { expUnits, moveAlongSigns, packStates, toUnits, unpackStates } from './log-state.js'
import { quantizedLinears, scaleOverrides, type QuantizedLinear } from './quantized-linears.js'
import type { Probe, TrainedParameters } from './trained-parameters.js'

interface TrainedScales extends QuantizedLinear {
  readonly state: Int32Array
}

/**
 * All block scales of the trained layers as S = S0 · exp(s · 2^−20), s whole numbers; one ±1 direction for the whole batch.
 * A scale keeps its sign, and zero points stay where they are.
 *
 * Source: QZO, arXiv:2505.13430, in the log-scale form (one setting for all layers).
 */
export class BlockScales implements TrainedParameters {
  readonly lanes = 'batch'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly #linears: readonly TrainedScales[]
  readonly #buffers = new ReusedBuffers()
  readonly #exponentials = new UnitExponentials()

  /** @throws EngineError 'model-untrainable' where no linear of these layers is quantized */
  constructor(model: LoadedModel, firstLayer: number, endLayer: number) {
    this.firstLayer = firstLayer
    this.endLayer = endLayer
    this.#linears = quantizedLinears(model, firstLayer, endLayer).map((linear) => ({
      ...linear,
      state: new Int32Array(linear.matrix.scales.length),
    }))
    this.count = this.#linears.reduce((sum, { state }) => sum + state.length, 0)
  }

  overrides(probe: Probe | null, sign: 1 | -1 = 1): Overrides {
    return scaleOverrides(this.#linears, (linear) => this.#scales(linear, probe, sign))
  }

  move(seed: number, coefficients: readonly number[]): void {
    for (const { state, name } of this.#linears) moveAlongSigns(state, name, seed, coefficients)
  }

  save(): Uint8Array {
    return packStates(this.#linears.map(({ state }) => state))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#linears.map(({ state }) => state),
    )
  }

  scaleFactors(layer: number, name: LinearName): ScaleFactors | null {
    const found = this.#linears.find((linear) => linear.layer === layer && linear.linear === name)
    return found === undefined ? null : { shape: 'blocks', values: Float64Array.from(found.state, expUnits) }
  }

  #scales({ linear, name, matrix, state }: TrainedScales, probe: Probe | null, sign: 1 | -1): Float32Array {
    const units = probe === null ? 0 : sign * toUnits(probe.epsilon)
    const factors = [expUnits(-units), expUnits(units)]
    const signs = new Uint32Array(signWordCount(state.length))
    if (probe !== null) fillSigns(signs, probe.seed, name, 0)
    const scales = this.#buffers.take(linear, state.length)
    const initial = matrix.scales
    for (let i = 0; i < state.length; i++) {
      scales[i] = initial[i] * this.#exponentials.at(state[i]) * factors[(signs[i >>> 5] >>> (i & 31)) & 1]
    }
    return scales
  }
}

const lowBits = 10
const tableSpan = 2 ** 13

/** exp(s · 2^−20) as a product of two table entries, for s within ±2^23 (factors of e^±8); computed beyond. */
class UnitExponentials {
  readonly #high = Float64Array.from({ length: 2 * tableSpan }, (_, i) =>
    expUnits((i - tableSpan) * 2 ** lowBits),
  )
  readonly #low = Float64Array.from({ length: 2 ** lowBits }, (_, i) => expUnits(i))

  at(units: number): number {
    const high = (units >> lowBits) + tableSpan
    if (high < 0 || high >= 2 * tableSpan) return expUnits(units)
    return this.#high[high] * this.#low[units & (2 ** lowBits - 1)]
  }
}
