import { describe, expect, it } from 'vitest'
import { probeDifferences, probeSlope, type Measurement } from '../../../core/optimizer/probe-differences.js'
import { probeShare } from '../../../core/optimizer/probe-kernel.js'
import type { Probing } from '../../../core/schema/probing.js'
import { fillNormals, fillSigns, signWordCount } from '../../../core/random/directions.js'

const epsilon = 0.01
const context = (seed: number) => ({ seed, step: 0, steps: 10, perturbationScale: epsilon })

const dimensions = 12
const gradient = new Float64Array(dimensions)
fillNormals(gradient, 3, 'gradient')

/** A parabola about the state: slope g and curvature h along each axis. */
function loss(at: Float64Array, curvature: number): number {
  return at.reduce((sum, x, i) => sum + gradient[i] * x + (curvature * x * x) / 2, 2)
}

function directions(seed: number, count: number): Float64Array[] {
  return Array.from({ length: count }, (_, lane) => {
    const words = new Uint32Array(signWordCount(dimensions))
    fillSigns(words, seed, 'state', lane)
    return Float64Array.from({ length: dimensions }, (__, i) => 2 * ((words[0] >>> i) & 1) - 1)
  })
}

function measure(probing: Probing, seed: number, curvature = 0): Measurement {
  const size = epsilon * (probing.kind === 'kernel' ? probeShare(probing, seed, 0, 10) : 1)
  const lanes = directions(seed, probing.queries)
  const along = (sign: number) =>
    lanes.map((lane) =>
      loss(
        lane.map((z) => sign * size * z),
        curvature,
      ),
    )
  return {
    lossPlus: along(1),
    lossMinus: probing.kind === 'one-sided' ? [] : along(-1),
    lossClean: loss(new Float64Array(dimensions), curvature),
  }
}

/** The estimate of the gradient that a step follows: Σ d z / 2ε over lanes, a mean. */
function estimate(probing: Probing, seed: number): Float64Array {
  const differences = probeDifferences(measure(probing, seed), probing, context(seed))
  const total = new Float64Array(dimensions)
  directions(seed, probing.queries).forEach((z, lane) => {
    for (let i = 0; i < dimensions; i++) {
      total[i] += (differences[lane] * z[i]) / (2 * epsilon * probing.queries)
    }
  })
  return total
}

const probings: readonly Probing[] = [
  { kind: 'two-point', queries: 1 },
  { kind: 'two-point', queries: 4 },
  { kind: 'one-sided', queries: 8, baseline: 'clean' },
  { kind: 'one-sided', queries: 8, baseline: 'others' },
  { kind: 'curvature', queries: 1, exponent: 0.1 },
  { kind: 'kernel', queries: 1, kernel: 'cubic', largestShare: [1, 1] },
  { kind: 'kernel', queries: 1, kernel: 'quintic', largestShare: [1, 1] },
]

describe('the slope that probes estimate', () => {
  it.each(probings)('is unbiased on a linear loss: %o', (probing) => {
    const draws = 3000
    const estimates = Array.from({ length: draws }, (_, seed) => estimate(probing, seed))
    for (let i = 0; i < dimensions; i++) {
      const mean = estimates.reduce((sum, each) => sum + each[i], 0) / draws
      const variance = estimates.reduce((sum, each) => sum + (each[i] - mean) ** 2, 0) / (draws - 1)
      // Four standard errors, of which 84 comparisons by chance exceed three.
      expect(Math.abs(mean - gradient[i])).toBeLessThan(4 * Math.sqrt(variance / draws))
    }
  })

  it('is exact along a direction on a parabola, from both sides', () => {
    const probing: Probing = { kind: 'two-point', queries: 2 }
    const [first] = probeDifferences(measure(probing, 5, 7), probing, context(5))
    const slope = directions(5, 2)[0].reduce((sum, z, i) => sum + z * gradient[i], 0)
    expect(first / (2 * epsilon)).toBeCloseTo(slope, 8)
  })

  it('varies less against the other lanes than against the loss at the state, where the loss curves', () => {
    const spreadOf = (baseline: 'clean' | 'others'): number => {
      const probing: Probing = { kind: 'one-sided', queries: 8, baseline }
      const squares = Array.from({ length: 400 }, (_, seed) =>
        probeDifferences(measure(probing, seed, 2000), probing, context(seed)).map((d) => d * d),
      ).flat()
      return squares.reduce((sum, square) => sum + square, 0) / squares.length
    }
    expect(spreadOf('others')).toBeLessThan(spreadOf('clean') / 2)
  })

  it('is shorter across sharp directions where curvature is measured', () => {
    const probing: Probing = { kind: 'curvature', queries: 1, exponent: 0.1 }
    const flat = probeDifferences(measure(probing, 1, 0), probing, context(1))[0]
    const sharp = probeDifferences(measure(probing, 1, 100), probing, context(1))[0]
    // Along ±1 directions the curvature is h times the dimensions.
    expect(sharp / flat).toBeCloseTo((100 * dimensions) ** -0.1, 6)
  })

  it('is drawn as its root mean square, from one side as from both', () => {
    expect(probeSlope({ lossPlus: [1.03, 1], lossMinus: [1, 1.04] }, 0.01)).toBeCloseTo(
      Math.sqrt((1.5 ** 2 + 2 ** 2) / 2),
      8,
    )
    expect(probeSlope({ lossPlus: [1.03, 0.97], lossMinus: [] }, 0.01)).toBeCloseTo(3, 8)
  })
})
