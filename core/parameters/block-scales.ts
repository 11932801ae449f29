import type { LoadedModel } from '../engine/loaded-model.js'
import { ReusedBuffers } from '../engine/reused-buffer.js'
import type { Overrides } from '../engine/scorer.js'
import type { LinearName } from '../model/description.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { TensorSigns } from '../random/tensor-signs.js'
import { expUnits, moveAlongSigns, packStates, toUnits, unpackStates } from './log-state.js'
import { quantizedLinears, scaleOverrides, type QuantizedLinear } from './quantized-linears.js'
import type { Probe, TrainedParameters } from './trained-parameters.js'
import { UnitExponentials } from './unit-exponentials.js'

interface TrainedScales extends QuantizedLinear {
  readonly signs: TensorSigns
  readonly state: Int32Array
  /** S at the state, once a step instead of at every probe. */
  readonly scales: Float32Array
  /** Whether the state has moved since `scales` were computed. */
  hasMoved: boolean
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
      signs: new TensorSigns(linear.name, linear.matrix.scales.length),
      state: new Int32Array(linear.matrix.scales.length),
      scales: linear.matrix.scales.slice(),
      hasMoved: false,
    }))
    this.count = this.#linears.reduce((sum, { state }) => sum + state.length, 0)
  }

  overrides(probe: Probe | null, sign: 1 | -1 = 1): Overrides {
    return scaleOverrides(this.#linears, (linear) =>
      probe === null ? this.#still(linear) : this.#probed(linear, probe, sign),
    )
  }

  move(seed: number, coefficients: readonly number[]): void {
    for (const linear of this.#linears) {
      moveAlongSigns(linear.state, linear.signs, seed, coefficients)
      linear.hasMoved = true
    }
  }

  save(): Uint8Array {
    return packStates(this.#linears.map(({ state }) => state))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#linears.map(({ state }) => state),
    )
    for (const linear of this.#linears) linear.hasMoved = true
  }

  scaleFactors(layer: number, name: LinearName): ScaleFactors | null {
    const found = this.#linears.find((linear) => linear.layer === layer && linear.linear === name)
    return found === undefined ? null : { shape: 'blocks', values: Float64Array.from(found.state, expUnits) }
  }

  #still(linear: TrainedScales): Float32Array {
    if (linear.hasMoved) {
      this.#exponentials.multiply(linear.matrix.scales, linear.state, linear.scales)
      linear.hasMoved = false
    }
    return linear.scales
  }

  #probed(linear: TrainedScales, { seed, epsilon }: Probe, sign: 1 | -1): Float32Array {
    const units = sign * toUnits(epsilon)
    const scales = this.#still(linear)
    const probed = this.#buffers.take(linear.linear, scales.length)
    multiplyBySigns(scales, linear.signs.words(seed, 0), [expUnits(-units), expUnits(units)], probed)
    return probed
  }
}

/** target = values ∘ factors[bit]; without a branch on random bits, and four a turn, which takes V8 half as long. */
function multiplyBySigns(
  values: Float32Array,
  words: Uint32Array,
  factors: readonly [number, number],
  target: Float32Array,
): void {
  const factor = Float64Array.from(factors)
  const whole = values.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const bits = words[i >>> 5] >>> (i & 31)
    target[i] = values[i] * factor[bits & 1]
    target[i + 1] = values[i + 1] * factor[(bits >> 1) & 1]
    target[i + 2] = values[i + 2] * factor[(bits >> 2) & 1]
    target[i + 3] = values[i + 3] * factor[(bits >> 3) & 1]
  }
  for (let i = whole; i < values.length; i++) {
    target[i] = values[i] * factor[(words[i >>> 5] >>> (i & 31)) & 1]
  }
}
