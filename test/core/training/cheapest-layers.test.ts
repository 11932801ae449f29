import { describe, expect, it } from 'vitest'
import { cheapestLayers, layerGroups } from '../../../core/training/cheapest-layers.js'

function groups(...signals: readonly (readonly [signal: number, noise: number])[]) {
  return signals.map(([signal, noise], layer) => ({ firstLayer: layer, endLayer: layer + 1, signal, noise }))
}

describe('the layers that are worth training', () => {
  it('are the fewest upper ones that keep the share', () => {
    const even = groups([1, 0], [1, 0], [1, 0], [1, 0])
    expect(cheapestLayers(even, 1)).toEqual({ firstLayer: 0, keptShare: 1 })
    // Without noise a step gains the root of its signal: √½ of four equal layers is kept by two.
    expect(cheapestLayers(even, 0.7).firstLayer).toBe(2)
    expect(cheapestLayers(even, 0.7).keptShare).toBeCloseTo(Math.SQRT1_2, 12)
    expect(cheapestLayers(even, 0.72).firstLayer).toBe(1)
  })

  it('leave out what only adds noise', () => {
    expect(cheapestLayers(groups([0, 50], [0.01, 50], [4, 5]), 1)).toEqual({ firstLayer: 2, keptShare: 1 })
    expect(cheapestLayers(groups([-2, 3], [4, 5]), 0.5).firstLayer).toBe(1)
  })

  it('are all of them where no layer shows a signal', () => {
    expect(cheapestLayers(groups([-1, 2], [0, 1], [-3, 1]), 0.8)).toEqual({ firstLayer: 0, keptShare: 1 })
  })

  it('are probed in groups that cover every layer once, equal from the top down', () => {
    expect(layerGroups(4, 10).map(({ firstLayer }) => firstLayer)).toEqual([0, 1, 2, 3])
    expect(layerGroups(22, 10)).toEqual([
      { firstLayer: 0, endLayer: 1 },
      ...Array.from({ length: 7 }, (_, i) => ({ firstLayer: 1 + 3 * i, endLayer: 4 + 3 * i })),
    ])
    for (const layerCount of [1, 9, 10, 11, 30, 80]) {
      const found = layerGroups(layerCount, 10)
      expect(found.length).toBeLessThanOrEqual(10)
      expect(found.map(({ firstLayer }) => firstLayer)).toEqual([
        0,
        ...found.slice(0, -1).map((g) => g.endLayer),
      ])
      expect(found.at(-1)?.endLayer).toBe(layerCount)
    }
  })
})
