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

const inTwoBits = (recipe: GradientRecipe): GradientRecipe => ({
  ...recipe,
  parts: recipe.parts.map((part) => (part.kind === 'master-weights' ? { ...part, bits: 2 } : part)),
})
const onQueries = (recipe: ProbeRecipe): ProbeRecipe => ({
  ...recipe,
  codes: { rounding: { kind: 'error-feedback', decay: 1 }, linears: ['attn_q'] },
})

/** Parameters somewhere away from the model: factors between 0.8 and 1.25. */
function trained(recipe: Recipe, model: LoadedModel): TrainedState {
  const parameters = createParameters(recipe, model)
  const random = randomNumbers(8)
  for (const [name, values] of parameters.numbers) {
    const size = values instanceof Int32Array ? 0.2 * 2 ** 20 : 0.2
    for (let i = 0; i < values.length; i++) {
      if (values instanceof Uint8Array) values[i] ^= random.symmetric() > 0.8 ? 0x11 : 0
      else if (name.endsWith('.weights')) values[i] += random.symmetric()
      else values[i] = Math.fround(size * random.symmetric())
    }
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
    ['branches of whole numbers into floats', byProbes('eggroll'), byGradients('exact-lora')],
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
    ['branches into whole numbers', byGradients('exact-lora'), byProbes('eggroll')],
    ['factors of rows into those of blocks', byGradients('exact-rows'), byProbes('qzo')],
    ['scales of blocks into floats', byProbes('qzo'), byGradients('exact-scales')],
    ['rows and columns into blocks', withColumns(byProbes('qzo-rows')), byGradients('exact-scales')],
  ])('is carried over but for rounding: %s', async (_, from, to) => {
    const { rounding, before, after, base } = await carried(from, to)
    expect(rounding).toBeLessThanOrEqual(2 ** -21)
    expect(Math.abs(after - before)).toBeLessThan(1e-5)
    expect(Math.abs(after - base)).toBeGreaterThan(1e-3)
  })

  it.each<[string, Recipe, Recipe]>([
    ['weights behind codes into codes', byGradients('exact-qat'), byProbes('qes')],
    ['weights that probes move into codes', byProbes('zeroqat'), byProbes('quzo')],
    ['weights that probes move into those along gradients', byProbes('zeroqat'), byGradients('exact-qat')],
    ['codes into weights behind them', onQueries(byProbes('qes')), byGradients('exact-qat')],
    ['codes into codes', byProbes('quzo'), byProbes('qes')],
  ])('is carried over to the same codes: %s', async (_, from, to) => {
    const { rounding, before, after, base } = await carried(from, to)
    expect(rounding).toBe(0)
    expect(after).toBe(before)
    expect(Math.abs(after - base)).toBeGreaterThan(1e-4)
  })

  it.each<[string, Recipe, Recipe, RegExp]>([
    ['branches', byGradients('exact-lora'), byProbes('qzo-rows'), /low-rank branches/],
    ['scales of blocks into rows', byProbes('qzo'), byGradients('exact-rows'), /block scales/],
    ['column factors', withColumns(byProbes('qzo-rows')), byGradients('exact-rows'), /factors/],
    ['raw scales', byProbes('qzo-paper'), byProbes('qzo'), /raw scales/],
    ['codes of every linear', byProbes('qes'), byGradients('exact-qat'), /codes/],
    ['weights on another grid', inTwoBits(byGradients('exact-qat')), byProbes('qes'), /master weights/],
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
