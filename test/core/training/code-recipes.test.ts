import { describe, expect, it } from 'vitest'
import { linearNames } from '../../../core/model/description.js'
import { ruleOf, createProbedParameters } from '../../../core/training/recipes.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { trainedSize } from '../../../core/training/trained-size.js'
import { recipe as recipeSchema, type ProbeRecipe } from '../../../core/schema/recipe.js'
import { caughtError } from '../../support/caught-error.js'
import { openTiny } from '../../support/open-tiny.js'

const layers = { firstLayer: 0, endLayer: 2 }
const quzo: ProbeRecipe = { ...recipeTemplates.quzo, ...layers }
const qes: ProbeRecipe = { ...recipeTemplates.qes, ...layers }

describe('recipes that move codes', () => {
  it('mean the same after they were written down', () => {
    for (const recipe of [quzo, qes]) {
      expect(recipeSchema.parse(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe)
    }
  })

  it('train the chosen linears, and have no other choices of weights', () => {
    const chosen = resolveRecipe({ recipe: 'qes', seed: 1, linears: ['ffn_down', 'attn_v'] }, 2)
    expect(chosen).toMatchObject({ codes: { linears: ['attn_v', 'ffn_down'] } })
    expect(resolveRecipe({ recipe: 'quzo', seed: 1 }, 2)).toMatchObject({ codes: { linears: linearNames } })
    const withBits = () => resolveRecipe({ recipe: 'qes', seed: 1, bits: 2 }, 2)
    expect(caughtError(withBits).message).toContain('no master weights')
  })

  it('move by whole units that a journal keeps exactly', () => {
    const context = { step: 0, steps: 1, seed: 1, perturbationScale: 0.05 }
    for (const [recipe, unit] of [
      [quzo, 2 ** -16],
      [qes, 2 ** -8],
    ] as const) {
      const { coefficients } = ruleOf(recipe)({ lossPlus: [1.2], lossMinus: [1] }, null, context)
      expect(coefficients).toEqual([-Math.round(recipe.update.learningRate / unit)])
    }
  })

  it.each(['Q4_1', 'Q8_0'] as const)('have the size that a plan counts, on %s', (type) => {
    const { model } = openTiny({ type })
    const [plain, fedBack] = [quzo, qes].map((recipe) => trainedSize(recipe, model, 16))
    const parameters = createProbedParameters(qes, model)
    expect(fedBack.numbers).toBe(parameters.count)
    expect(fedBack.savedBytes).toBe(parameters.save().byteLength)
    expect(fedBack.bytes - plain.bytes).toBe(parameters.count)
    // A bit of a direction each, and half of the codes at a probe.
    expect(plain.bytes).toBe(1.5 * plain.savedBytes + plain.numbers / 8)
  })
})
