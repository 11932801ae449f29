import { describe, expect, it } from 'vitest'
import { inverseFactor } from '../../../../core/quantization/gptq/inverse-factor.js'
import { correlatedInputs, momentsOf } from '../../../support/linear-inputs.js'

/** Uᵀ U (moments + λ I), which is the identity. */
function product(factor: Float64Array, moments: Float32Array, size: number, damping: number): Float64Array {
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) inverse[i * size + j] += factor[k * size + i] * factor[k * size + j]
    }
  }
  const found = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) {
        found[i * size + j] += inverse[i * size + k] * (moments[k * size + j] + (k === j ? damping : 0))
      }
    }
  }
  return found
}

function furthestFromIdentity(matrix: Float64Array, size: number): number {
  return matrix.reduce((most, value, at) => Math.max(most, Math.abs(value - (at % (size + 1) ? 0 : 1))), 0)
}

function meanOfDiagonal(moments: Float32Array, size: number): number {
  return moments.reduce((sum, value, at) => sum + (at % (size + 1) === 0 ? value / size : 0), 0)
}

describe('the factor of an inverse', () => {
  it('is upper triangular, and of the damped matrix', () => {
    const size = 37
    const moments = momentsOf(correlatedInputs(size, 200, 1), size)
    const factor = inverseFactor(moments, size)
    const damping = 0.01 * meanOfDiagonal(moments, size)
    expect(furthestFromIdentity(product(factor, moments, size, damping), size)).toBeLessThan(1e-9)
    expect(factor.every((value, at) => Math.floor(at / size) <= at % size || value === 0)).toBe(true)
  })

  it('is that of two inputs in closed form', () => {
    // H = [[2, 1], [1, 2]] + 0.02 I: R = [[√(d − 1/d), 1/√d], [0, √d]] with d = 2.02.
    const factor = inverseFactor(Float32Array.of(2, 1, 1, 2), 2)
    const d = 2.02
    const first = Math.sqrt(d - 1 / d)
    expect(factor[0]).toBeCloseTo(1 / first, 12)
    expect(factor[1]).toBeCloseTo(-1 / (first * d), 12)
    expect(factor[3]).toBeCloseTo(1 / Math.sqrt(d), 12)
  })

  it('is damped more where rounding has made the moments indefinite', () => {
    const moments = Float32Array.of(1, 1.05, 1.05, 1)
    const factor = inverseFactor(moments, 2)
    expect(furthestFromIdentity(product(factor, moments, 2, 0.1), 2)).toBeLessThan(1e-9)
  })

  it('is the identity where all inputs are 0', () => {
    expect([...inverseFactor(new Float32Array(4), 2)]).toEqual([1, 0, 0, 1])
  })
})
