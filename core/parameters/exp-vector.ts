import type { TrainedTensor } from './differentiated-parameters.js'

/**
 * Positive factors as exp of trained numbers that begin at 0: a step of a given size is a share of a factor, whatever it
 * multiplies. ∂L/∂v = ∂L/∂(e^v) · e^v.
 */
export interface ExpVector extends TrainedTensor {
  /** exp(values). */
  readonly factors: Float32Array
}

/** Factors of 1. */
export function expVector(name: string, length: number): ExpVector {
  return {
    name,
    shape: [length],
    values: new Float32Array(length),
    gradient: new Float32Array(length),
    factors: new Float32Array(length).fill(1),
  }
}

/** Computes the factors from values that have changed. */
export function refreshFactors({ values, factors }: ExpVector): void {
  for (let i = 0; i < values.length; i++) factors[i] = Math.exp(values[i])
}

/** The factors in float64, as they fold into the numbers of a file. */
export function exactFactors({ values }: ExpVector): Float64Array {
  return Float64Array.from(values, Math.exp)
}
