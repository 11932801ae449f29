import { describe, expect, it } from 'vitest'
import { activeLayers } from '../../../core/training/active-layers.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'

const recipe = { ...recipeTemplates.lezo, firstLayer: 2, endLayer: 10 }
const seeds = Array.from({ length: 800 }, (_, seed) => seed)

describe('the layers of a step', () => {
  it('are all where the recipe says nothing else', () => {
    expect(activeLayers({ ...recipe, layerShare: 1 }, 0, 1)).toBeNull()
  })

  it('are as many as the share says, one at least, and lie in the trained range', () => {
    for (const seed of seeds.slice(0, 50)) {
      const layers = [...(activeLayers(recipe, 0, seed) ?? [])]
      expect(layers).toHaveLength(2)
      expect(layers.every((layer) => layer >= 2 && layer < 10)).toBe(true)
      expect(activeLayers({ ...recipe, layerShare: 0.01 }, 0, seed)?.size).toBe(1)
    }
  })

  it('are those above what has frozen', () => {
    const freezes = [
      { step: 3, layer: 4, featureFormat: null },
      { step: 6, layer: 8, featureFormat: null },
    ]
    const ofStep = (step: number, layerShare: number) => [
      ...(activeLayers({ ...recipe, freezes, layerShare }, step, 5) ?? []),
    ]
    expect(activeLayers({ ...recipe, freezes, layerShare: 1 }, 2, 5)).toBeNull()
    expect(ofStep(3, 1).toSorted()).toEqual([4, 5, 6, 7, 8, 9])
    expect(ofStep(6, 1).toSorted()).toEqual([8, 9])
    expect(ofStep(100, 0.5).every((layer) => layer >= 8)).toBe(true)
  })

  it('are the same for a seed, and each as often as any other over many', () => {
    expect(activeLayers(recipe, 0, 7)).toEqual(activeLayers(recipe, 0, 7))
    const counts = Array.from(
      { length: 8 },
      (_, index) => seeds.filter((seed) => activeLayers(recipe, 0, seed)?.has(index + 2)).length,
    )
    // A quarter of 800 draws, within four standard deviations.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(4 * Math.sqrt(800 * 0.25 * 0.75))
  })
})
