import { expect, it } from 'vitest'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { stepScope } from '../../../core/training/step-scope.js'

const layers = { firstLayer: 0, endLayer: 8 }

it('keeps a basis for as many steps as the recipe says, from the first step of the run on', () => {
  const directions = { kind: 'low-rank', rank: 1, interval: 3 } as const
  const context = { recipe: { ...recipeTemplates.lozo, ...layers, directions }, seed: 5 }
  const bases = Array.from({ length: 7 }, (_, step) => stepScope(context, step, 100 + step).basis)
  expect(new Set(bases).size).toBe(3)
  expect(new Set(bases.slice(0, 3)).size).toBe(1)
  expect(new Set(bases.slice(3, 6)).size).toBe(1)
  expect(stepScope({ ...context, seed: 6 }, 0, 100).basis).not.toBe(bases[0])
})

it('leaves directions that share nothing to the seed of the step', () => {
  expect(stepScope({ recipe: { ...recipeTemplates.qzo, ...layers }, seed: 5 }, 0, 100)).toEqual({
    layers: null,
  })
  expect(stepScope({ recipe: { ...recipeTemplates.lezo, ...layers }, seed: 5 }, 0, 100).layers?.size).toBe(2)
})
