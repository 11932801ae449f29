import { randomNumbers } from './random-numbers.js'

/** Inputs of a linear that share a few causes and differ in size, shape [count, width]. */
export function correlatedInputs(width: number, count: number, seed: number): Float32Array {
  const random = randomNumbers(seed)
  const causes = 8
  const mixing = new Float32Array(causes * width).map(() => random.symmetric())
  const sizes = new Float32Array(width).map(() => Math.exp(2 * random.symmetric()))
  const inputs = new Float32Array(count * width)
  for (let row = 0; row < count; row++) {
    const strengths = Array.from({ length: causes }, () => random.symmetric())
    for (let column = 0; column < width; column++) {
      const shared = strengths.reduce(
        (sum, strength, cause) => sum + strength * mixing[cause * width + column],
        0,
      )
      inputs[row * width + column] = sizes[column] * (shared + 0.1 * random.symmetric())
    }
  }
  return inputs
}

/** Σ x xᵀ, shape [width, width]. */
export function momentsOf(inputs: Float32Array, width: number): Float32Array {
  const sums = new Float64Array(width * width)
  for (let start = 0; start < inputs.length; start += width) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) sums[i * width + j] += inputs[start + i] * inputs[start + j]
    }
  }
  return Float32Array.from(sums)
}

/** Σ (outputs − expected outputs)² over the inputs of the moments H: tr(ΔW H ΔWᵀ). */
export function outputError(
  values: Float32Array,
  expected: Float32Array,
  moments: Float32Array,
  columns: number,
): number {
  let error = 0
  for (let start = 0; start < values.length; start += columns) {
    for (let i = 0; i < columns; i++) {
      const difference = values[start + i] - expected[start + i]
      for (let j = 0; j < columns; j++) {
        error += difference * moments[i * columns + j] * (values[start + j] - expected[start + j])
      }
    }
  }
  return error
}
