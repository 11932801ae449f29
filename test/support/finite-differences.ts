import type { RandomNumbers } from './random-numbers.js'

/**
 * The largest error of `found`, a gradient of `loss` with respect to `parameter`, relative to the largest gradient: at some
 * elements, and along the sum of all with random signs. Central differences of a loss in float64.
 */
export function gradientError(
  loss: () => number,
  parameter: Float64Array,
  found: Float32Array,
  random: RandomNumbers,
): number {
  const size = found.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  const elements = Array.from({ length: 6 }, () => random.below(parameter.length))
  const errors = elements.map((element) => {
    const direction = new Float64Array(parameter.length)
    direction[element] = 1
    return Math.abs(slope(loss, parameter, direction) - found[element]) / size
  })
  const signs = parameter.map(() => (random.below(2) === 0 ? -1 : 1))
  const along = found.reduce((sum, value, i) => sum + value * signs[i], 0)
  const norm = Math.hypot(...found)
  return Math.max(...errors, Math.abs(slope(loss, parameter, signs) - along) / norm)
}

function slope(loss: () => number, parameter: Float64Array, direction: Float64Array): number {
  const step = 1e-5
  const start = parameter.slice()
  const at = (distance: number): number => {
    parameter.set(start.map((value, i) => value + distance * direction[i]))
    return loss()
  }
  const difference = at(step) - at(-step)
  parameter.set(start)
  return difference / (2 * step)
}
