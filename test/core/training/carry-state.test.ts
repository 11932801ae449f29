import { describe, expect, it } from 'vitest'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import type { TrainedState } from '../../../core/parameters/trained-parameters.js'
import type { GradientRecipe, ProbeRecipe, Recipe } from '../../../core/schema/recipe.js'
import { carryState } from '../../../core/training/carry-state.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { createParameters } from '../../../core/training/recipes.js'
import { caughtError } from '../../support/caught-error.js'
import { openParts } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'
import { randomNumbers } from '../../support/random-numbers.js'

const all = { firstLayer: 0, endLayer: 2 }
const byProbes = (name: ProbeRecipe['name']): ProbeRecipe => ({ ...recipeTemplates[name], ...all })
const byGradients = (name: GradientRecipe['name']): GradientRecipe => ({ ...recipeTemplates[name], ...all })
const withColumns = (recipe: ProbeRecipe): ProbeRecipe => ({
  ...recipe,
  parameters: 'row-and-column-factors',
})

/** Parameters somewhere away from the model: factors between 0.8 and 1.25. */
function trained(recipe: Recipe, model: LoadedModel): TrainedState {
  const parameters = createParameters(recipe, model)
  const random = randomNumbers(8)
  for (const values of parameters.numbers.values()) {
    const size = values instanceof Int32Array ? 0.2 * 2 ** 20 : 0.2
    for (let i = 0; i < values.length; i++) values[i] = Math.fround(size * random.symmetric())
  }
  parameters.load(parameters.save())
  return parameters
}

async function carried(from: Recipe, to: Recipe) {
  const { model } = openTiny()
  const { loss } = openParts(model)
  const before = trained(from, model)
  const after = createParameters(to, model)
  const rounding = carryState({ recipe: from, parameters: before }, { recipe: to, parameters: after })
  return { rounding, before: await loss(before), after: await loss(after), base: await loss(null) }
}

describe('the state of an earlier run', () => {
  it.each([
    ['whole numbers into floats', byProbes('qzo-rows'), byGradients('exact-rows')],
    ['whole numbers into more than there was', byProbes('qzo-rows'), byGradients('exact-all')],
    ['floats into the same floats', byGradients('exact-lora'), byGradients('exact-lora')],
  ])('is carried over without rounding: %s', async (_, from, to) => {
    const { rounding, before, after, base } = await carried(from, to)
    expect(rounding).toBe(0)
    // The numbers are equal; their exponentials come from other kernels and may differ in the last bit.
    expect(Math.abs(after - before)).toBeLessThan(2e-6)
    expect(Math.abs(after - base)).toBeGreaterThan(1e-3)
  })

  it.each([
    ['floats into whole numbers', byGradients('exact-rows'), byProbes('qzo-rows')],
    ['factors of rows into those of blocks', byGradients('exact-rows'), byProbes('qzo')],
    ['scales of blocks into floats', byProbes('qzo'), byGradients('exact-scales')],
    ['rows and columns into blocks', withColumns(byProbes('qzo-rows')), byGradients('exact-scales')],
  ])('is carried over but for rounding: %s', async (_, from, to) => {
    const { rounding, before, after, base } = await carried(from, to)
    expect(rounding).toBeLessThanOrEqual(2 ** -21)
    expect(Math.abs(after - before)).toBeLessThan(1e-5)
    expect(Math.abs(after - base)).toBeGreaterThan(1e-3)
  })

  it.each<[string, Recipe, Recipe, RegExp]>([
    ['branches', byGradients('exact-lora'), byProbes('qzo-rows'), /low-rank branches/],
    ['scales of blocks into rows', byProbes('qzo'), byGradients('exact-rows'), /block scales/],
    ['column factors', withColumns(byProbes('qzo-rows')), byGradients('exact-rows'), /factors/],
    ['raw scales', byProbes('qzo-paper'), byProbes('qzo'), /raw scales/],
    ['codes', byProbes('qes'), byProbes('qes'), /codes/],
    ['fewer layers', byGradients('exact-rows'), { ...byProbes('qzo-rows'), firstLayer: 1 }, /layers 0-1/],
  ])('is refused where it would be lost: %s', (_, from, to, reason) => {
    const { model } = openTiny()
    const sides = [from, to].map((recipe) => ({ recipe, parameters: createParameters(recipe, model) }))
    const error = caughtError(() => carryState(sides[0], sides[1]))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(reason)
    expect(error.message).toContain("export the earlier run as 'gguf'")
  })
})
