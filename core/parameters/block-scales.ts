import type { BlockOverride } from '../engine/block-runner.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { float32Tensor } from '../engine/matrix-tensors.js'
import type { Overrides } from '../engine/scorer.js'
import type { LinearName } from '../model/description.js'
import { fillSigns, signWordCount } from '../random/directions.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import type { Tensor } from '../runtime/device.js'
import { expUnits, moveAlongSigns, packStates, toUnits, unpackStates } from './log-state.js'
import { quantizedLinears, type QuantizedLinear } from './quantized-linears.js'
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
  readonly #buffers = new Map<LinearName, Float32Array>()
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
    return (layer): BlockOverride | null => {
      const linears = this.#linears.filter((linear) => linear.layer === layer)
      if (linears.length === 0) return null
      const tensors = linears.map((linear): [string, Tensor] => {
        const { rows, columns, blockSize } = linear.matrix
        const shape = [rows, columns / blockSize]
        return [`${linear.linear}.scales`, float32Tensor(this.#scales(linear, probe, sign), shape)]
      })
      return { factors: 'none', tensors: Object.fromEntries(tensors) }
    }
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
    const scales = this.#buffer(linear, state.length)
    const initial = matrix.scales
    for (let i = 0; i < state.length; i++) {
      scales[i] = initial[i] * this.#exponentials.at(state[i]) * factors[(signs[i >>> 5] >>> (i & 31)) & 1]
    }
    return scales
  }

  #buffer(linear: LinearName, length: number): Float32Array {
    let buffer = this.#buffers.get(linear)
    if (buffer?.length !== length) {
      buffer = new Float32Array(length)
      this.#buffers.set(linear, buffer)
    }
    return buffer
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
