import { expUnits } from './log-state.js'

const lowBits = 10
const lowMask = 2 ** lowBits - 1
const tableSpan = 2 ** 13

/**
 * exp(s · 2^−20) as a product of two table entries, for s within ±2^23 (factors of e^±8); computed beyond. Three times as
 * fast as `expUnits`, and at most a unit in the last place of float64 away from it.
 */
export class UnitExponentials {
  readonly #high = Float64Array.from({ length: 2 * tableSpan }, (_, i) =>
    expUnits((i - tableSpan) * 2 ** lowBits),
  )
  readonly #low = Float64Array.from({ length: lowMask + 1 }, (_, i) => expUnits(i))

  /** target = values ∘ exp(units · 2^−20), all of the same length. Four a turn: V8 takes two thirds of the time. */
  multiply(values: Float32Array, units: Int32Array, target: Float32Array): void {
    const high = this.#high
    const low = this.#low
    const exp = (unit: number) => {
      const entry = (unit >> lowBits) + tableSpan
      return entry < 0 || entry >= high.length ? expUnits(unit) : high[entry] * low[unit & lowMask]
    }
    const whole = units.length & ~3
    for (let i = 0; i < whole; i += 4) {
      target[i] = values[i] * exp(units[i])
      target[i + 1] = values[i + 1] * exp(units[i + 1])
      target[i + 2] = values[i + 2] * exp(units[i + 2])
      target[i + 3] = values[i + 3] * exp(units[i + 3])
    }
    for (let i = whole; i < units.length; i++) target[i] = values[i] * exp(units[i])
  }
}
