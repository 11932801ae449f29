import { describe, expect, it } from 'vitest'
import { recipeWords } from '../../../core/cli/describe-recipe.js'
import { recipe as recipeSchema } from '../../../core/schema/recipe.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { resolveRecipe, type RecipeChoices } from '../../../core/training/resolve-recipe.js'
import { mostStreamedLayers } from '../../../core/training/streamed-layers.js'
import { caughtError } from '../../support/caught-error.js'

const resolved = (choices: Omit<RecipeChoices, 'recipe' | 'seed'> = {}) =>
  resolveRecipe({ recipe: 'eggroll', seed: 7, ...choices }, 4)

describe('a recipe that moves branches by forward passes', () => {
  it('means the same after it was written down, and begins at random by the seed of the run', () => {
    expect(recipeSchema.parse(JSON.parse(JSON.stringify(resolved())))).toEqual(resolved())
    expect(resolved()).toMatchObject({ branches: { seed: 7 }, firstLayer: 2, endLayer: 4 })
  })

  it('has the choices of branches, and no others', () => {
    const chosen = { rank: 2, alpha: 4, isRankStabilized: true, linears: ['ffn_down', 'attn_q'] } as const
    expect(resolved(chosen)).toMatchObject({ branches: { ...chosen, linears: ['attn_q', 'ffn_down'] } })
    expect(caughtError(() => resolved({ bits: 2 })).message).toContain('no master weights')
    expect(caughtError(() => resolved({ hasColumns: true })).message).toContain('column factors')
  })

  it('has directions of its own for every row, so there is one a step', () => {
    expect(caughtError(() => resolved({ queries: 2 })).code).toBe('request-invalid')
    expect(recipeWords(recipeTemplates.eggroll)).toMatchObject({
      moves: expect.stringMatching(/^branches of rank \d+ on /) as unknown,
      slope: 'losses on both sides along a direction of its own for every row: 2 forward passes a step',
    })
  })

  it('leaves weights alone, so that layers can be read from the file', () => {
    expect(mostStreamedLayers(resolved(), 4)).toBe(4)
  })
})
