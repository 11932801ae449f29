import { expect, it } from 'vitest'
import { linearShape } from '../../../core/model/description.js'
import type { RecipeName } from '../../../core/schema/recipe.js'
import { createParameters } from '../../../core/training/recipes.js'
import { resolveRecipe, type RecipeChoices } from '../../../core/training/resolve-recipe.js'
import { trainedSize } from '../../../core/training/trained-size.js'
import { openTiny } from '../../support/open-tiny.js'

/** Of recipes of a model, and its largest matrix of scales. */
function openSizes() {
  const { model } = openTiny({ type: 'Q4_1', layers: 2 })
  const sizeOf = (recipe: RecipeName, choices: Omit<RecipeChoices, 'recipe' | 'seed'> = {}) =>
    trainedSize(resolveRecipe({ recipe, seed: 1, ...choices }, 2), model, 16)
  const { numbers } = sizeOf('qzo')
  const largest = Math.max(
    ...Object.values(model.blocks[0].linears).map((linear) =>
      linear.kind === 'quantized' ? linear.scales.length : 0,
    ),
  )
  return { bytesOf: (...of: Parameters<typeof sizeOf>) => sizeOf(...of).bytes, numbers, largest }
}

it('counts a bit for every direction of a step and number, or a pool and what its numbers come to, or nothing', () => {
  const { bytesOf, numbers } = openSizes()
  const withoutSigns = bytesOf('qzo') - numbers / 8
  expect(bytesOf('qzo', { queries: 8 }) - withoutSigns).toBe(numbers)
  // The pool twice, and what kernels take at once, as factors and as distances; and its numbers in floats of 8 bytes.
  expect(bytesOf('pezo') - withoutSigns).toBe(8 * (2 * 4096 + 32) + 8 * 4096)
  expect(bytesOf('lozo')).toBe(withoutSigns)
})

it('counts branches in whole numbers and floats, and the signs of both sides of their matrices', () => {
  const { model } = openTiny({ type: 'Q4_1', layers: 2 })
  const recipe = resolveRecipe(
    { recipe: 'eggroll', seed: 1, rank: 4, linears: ['ffn_down'], layers: [0, 1] },
    2,
  )
  const { numbers, bytes, savedBytes } = trainedSize(recipe, model, 16)
  const parameters = createParameters(recipe, model)
  expect(numbers).toBe(parameters.count)
  expect(savedBytes).toBe(parameters.save().byteLength)
  const { rows, columns } = linearShape(model.description, 'ffn_down')
  const sides = rows + columns + 2 * 4
  expect(bytes).toBe(8 * numbers + 16 * (2 * sides) * (1 / 8) + 2 * 16 * 4 * sides)
})

it('counts the state before a step whose singular values are evened out, and the step of the largest matrix', () => {
  const { bytesOf, numbers, largest } = openSizes()
  expect(bytesOf('zo-muon') - bytesOf('zo-muon', { spectral: 'none' })).toBe(4 * numbers + 32 * largest)
})
