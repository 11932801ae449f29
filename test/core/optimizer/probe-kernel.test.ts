import { describe, expect, it } from 'vitest'
import { probeKernel, probeShare } from '../../../core/optimizer/probe-kernel.js'
import type { Probing } from '../../../core/schema/probing.js'

/** The mean of f over −1 … 1, by Simpson's rule. */
function mean(f: (r: number) => number): number {
  const intervals = 1000
  const sum = Array.from({ length: intervals + 1 }, (_, i) => {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    return weight * f(-1 + (2 * i) / intervals)
  }).reduce((total, value) => total + value, 0)
  return sum / (3 * intervals)
}

describe('a kernel', () => {
  it.each(['linear', 'cubic', 'quintic'] as const)('has a first moment of 1 and is odd (%s)', (name) => {
    expect(mean((r) => r * probeKernel(name, r))).toBeCloseTo(1, 8)
    expect(probeKernel(name, -0.3)).toBe(-probeKernel(name, 0.3))
  })

  it('of higher order cancels the third moment, and the fifth', () => {
    expect(mean((r) => r ** 3 * probeKernel('cubic', r))).toBeCloseTo(0, 8)
    expect(mean((r) => r ** 3 * probeKernel('quintic', r))).toBeCloseTo(0, 8)
    expect(mean((r) => r ** 5 * probeKernel('quintic', r))).toBeCloseTo(0, 8)
    expect(mean((r) => r ** 3 * probeKernel('linear', r))).toBeCloseTo(0.6, 8)
  })

  it('pays for that with its second moment', () => {
    expect(mean((r) => (r * probeKernel('linear', r)) ** 2)).toBeCloseTo(1.8, 6)
    expect(mean((r) => (r * probeKernel('cubic', r)) ** 2)).toBeCloseTo(6.25, 6)
    expect(mean((r) => (r * probeKernel('quintic', r)) ** 2)).toBeCloseTo(13.25, 2)
  })
})

describe("the share of a probe's size", () => {
  const probing: Probing & { kind: 'kernel' } = {
    ...{ kind: 'kernel', queries: 1, kernel: 'cubic' },
    largestShare: [0.5, 0.1],
  }
  const seeds = Array.from({ length: 2000 }, (_, seed) => seed)

  it('is even up to the largest, which shrinks over the run', () => {
    for (const [step, largest] of [
      [0, 0.5],
      [50, 0.3],
    ]) {
      const shares = seeds.map((seed) => probeShare(probing, seed, step, 100))
      const average = shares.reduce((sum, share) => sum + share, 0) / shares.length
      // Three standard errors of a mean of even draws.
      expect(Math.abs(average - largest / 2)).toBeLessThan((3 * largest) / Math.sqrt(12 * shares.length))
      expect(Math.min(...shares)).toBeGreaterThan(0)
      expect(Math.max(...shares)).toBeLessThan(largest)
    }
  })
})
