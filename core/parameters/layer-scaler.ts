import type { TrainedNumbers, TrainedParameters } from './trained-parameters.js'

/** Fraction bits of a ratio: one unit is about a millionth. */
const unitOfRatio = 2 ** -20

/** A ratio as whole units, which a journal keeps exactly. */
export function toRatioUnits(ratio: number): number {
  return Math.round(ratio / unitOfRatio)
}

/**
 * Scales how far each trained layer is from where it began: θ_l ← θ₀_l + ρ_l (θ_l − θ₀_l), rounded to whole units where the
 * state is. A ratio of one changes nothing.
 *
 * Source: the projection of DiZO, arXiv:2502.03304.
 */
export class LayerScaler {
  /** Trained layers. */
  readonly layerCount: number
  readonly #parameters: TrainedParameters
  readonly #tensors: readonly ScaledTensor[]

  /** @param parameters at the state that distances are measured from */
  constructor(parameters: TrainedParameters) {
    this.#parameters = parameters
    this.layerCount = parameters.endLayer - parameters.firstLayer
    this.#tensors = [...parameters.numbers].map(([name, values]) => ({
      values,
      start: values.slice(),
      before: values.slice(),
      layer: Number(/^blk\.(\d+)\./.exec(name)?.[1]) - parameters.firstLayer,
    }))
  }

  /** @param ratios whole units, one a trained layer */
  scale(ratios: readonly number[]): void {
    for (const { values, start, layer } of this.#tensors) {
      const ratio = ratios[layer] * unitOfRatio
      const isWhole = values instanceof Int32Array
      for (let i = 0; i < values.length; i++) {
        const distance = ratio * (values[i] - start[i])
        values[i] = start[i] + (isWhole ? Math.round(distance) : distance)
      }
    }
    this.#parameters.refresh()
  }

  /** What `measure` gives at a scaled state; the state itself comes back. */
  async at<T>(ratios: readonly number[], measure: () => Promise<T>): Promise<T> {
    for (const { values, before } of this.#tensors) before.set(values)
    this.scale(ratios)
    try {
      return await measure()
    } finally {
      for (const { values, before } of this.#tensors) values.set(before)
      this.#parameters.refresh()
    }
  }
}

interface ScaledTensor {
  readonly values: TrainedNumbers
  readonly start: TrainedNumbers
  readonly before: TrainedNumbers
  /** From the first trained one. */
  readonly layer: number
}
