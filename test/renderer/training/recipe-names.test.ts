import { expect, it } from 'vitest'
import { hasRowFactors as engineSays } from '../../../core/training/recipe-templates.js'
import { hasRowFactors, recipeNames } from '../../../renderer/src/training/recipe-names.js'

it.each(recipeNames)('the page knows of row factors what the engine does (%s)', (recipe) => {
  expect(hasRowFactors(recipe)).toBe(engineSays(recipe))
})
