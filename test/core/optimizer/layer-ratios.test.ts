import { describe, expect, it } from 'vitest'
import { nextRatios, ratioDirections } from '../../../core/optimizer/layer-ratios.js'
import { usualMagnitudes } from '../../../core/schema/layer-magnitudes.js'

const { perturbationScale, learningRate, largestChange } = usualMagnitudes
const ones = new Float64Array(3).fill(1)

describe('ratios of magnitudes', () => {
  it('are probed by τ of a distance at most, and normally where that is far', () => {
    const probes = ratioDirections(usualMagnitudes, 2000, 7).map((z) => perturbationScale * z)
    expect(Math.max(...probes)).toBeCloseTo(largestChange, 12)
    expect(Math.min(...probes)).toBeCloseTo(-largestChange, 12)
    const free = ratioDirections({ ...usualMagnitudes, largestChange: 1 }, 2000, 7)
    const variance = free.reduce((sum, z) => sum + z * z, 0) / free.length
    // The square of a normal has a variance of 2.
    expect(Math.abs(variance - 1)).toBeLessThan(3 * Math.sqrt(2 / free.length))
    free.forEach((z, i) => expect(perturbationScale * z).toBeCloseTo(probes[i], Math.abs(z) < 2 ? 12 : -1))
  })

  it('go against the slope, and stay within 1 ± τ whatever the losses', () => {
    const directions = Float64Array.of(1, -0.5, 0)
    const small = nextRatios(ones, directions, { lossPlus: 1.002, lossMinus: 1 }, usualMagnitudes)
    const slope = 0.002 / (2 * perturbationScale)
    const expected = [1 - learningRate * slope, 1 + 0.5 * learningRate * slope, 1]
    small.forEach((ratio, layer) => expect(ratio).toBeCloseTo(expected[layer], 12))
    const far = nextRatios(ones, directions, { lossPlus: 9, lossMinus: 1 }, usualMagnitudes)
    expect([...far]).toEqual([1 - largestChange, 1 + largestChange, 1])
    expect([...nextRatios(far, directions, { lossPlus: 1, lossMinus: 9 }, usualMagnitudes)]).toEqual([
      1 + largestChange,
      1 - largestChange,
      1,
    ])
    expect(nextRatios(far, directions, { lossPlus: 2, lossMinus: 2 }, usualMagnitudes)).toEqual(far)
  })

  it('find the best magnitude of a parabola', () => {
    const best = 1.13
    let ratios = new Float64Array(1).fill(1)
    for (let iteration = 0; iteration < 200; iteration++) {
      const directions = ratioDirections(usualMagnitudes, 1, iteration)
      const lossAt = (side: number): number =>
        0.2 * (ratios[0] + side * perturbationScale * directions[0] - best) ** 2
      ratios = Float64Array.from(
        nextRatios(ratios, directions, { lossPlus: lossAt(1), lossMinus: lossAt(-1) }, usualMagnitudes),
      )
    }
    expect(ratios[0]).toBeCloseTo(best, 6)
  })
})
