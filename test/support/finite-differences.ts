import type { RandomNumbers } from './random-numbers.js'

/**
 * The largest error of `found`, a gradient of `loss` with respect to `parameter`, relative to the largest gradient: at
 * `elements` random elements, and along the sum of all with random signs. Central differences of a loss in float64.
 */
export function gradientError(
  loss: () => number,
  parameter: Float64Array,
  found: Float32Array,
  random: RandomNumbers,
  elements: number,
): number {
  const size = found.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  const errors = Array.from({ length: elements }, () => {
    const element = random.below(parameter.length)
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
  const start = parameter.slice()
  const size = start.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  const step = 1e-5 * (size || 1)
  const at = (distance: number): number => {
    parameter.set(start.map((value, i) => value + distance * direction[i]))
    return loss()
  }
  const difference = at(step) - at(-step)
  parameter.set(start)
  return difference / (2 * step)
}
