import { describe, expect, it } from 'vitest'
import { unitOfLogScale } from '../../../core/parameters/log-state.js'
import type { ProbeMoments } from '../../../core/schema/probe-moments.js'
import { usualMoments } from '../../../core/schema/probe-moments.js'
import type { ProbeRecipe, RecipeName } from '../../../core/schema/recipe.js'
import { createProbedParameters } from '../../../core/training/recipes.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { stepMover } from '../../../core/training/step-mover.js'
import { openTiny } from '../../support/open-tiny.js'

const openModel = () => openTiny({ type: 'Q4_1', layers: 2 }).model
const lines = Array.from({ length: 6 }, (_, step) => ({ seed: 100 + step, move: [4000 - 900 * step] }))

function recipeOf(name: RecipeName, moments: ProbeMoments | null): ProbeRecipe {
  const recipe = resolveRecipe({ recipe: name, seed: 1, layers: [0, 1] }, 2)
  if (recipe.estimator !== 'probes') throw new Error(`${name} is no recipe by probes`)
  return { ...recipe, moments, update: { ...recipe.update, schedule: { kind: 'constant', warmUpShare: 0 } } }
}

/** The state after some of the lines. */
function stateAfter(recipe: ProbeRecipe, count: number) {
  const parameters = createProbedParameters(recipe, openModel())
  const move = stepMover(parameters, { recipe, steps: lines.length, seed: 1 })
  lines.slice(0, count).forEach((line, step) => move(step, line))
  return parameters
}

describe('the steps of a recipe by forward passes', () => {
  it.each(['qzo', 'qzo-rows'] as const)('are those of its rule where a mean forgets at once (%s)', (name) => {
    const forgetful = recipeOf(name, { kind: 'momentum', beta: 0, states: 'fp32' })
    expect(stateAfter(forgetful, 6).save()).toEqual(stateAfter(recipeOf(name, null), 6).save())
  })

  it('come to half of the first step with a weight of a half, and to as much again of what is left', () => {
    const halving = recipeOf('qzo', { kind: 'momentum', beta: 0.5, states: 'fp32' })
    const [first] = stateAfter(halving, 1).numbers.values()
    const [whole] = stateAfter(recipeOf('qzo', null), 1).numbers.values()
    expect([...first]).toEqual([...whole].map((units) => units / 2))
  })

  it('are as long as the learning rate for every number at first, with Adam', () => {
    const adam = recipeOf('qzo', usualMoments.adam)
    const rate = Math.round(adam.update.learningRate / unitOfLogScale)
    for (const values of stateAfter(adam, 1).numbers.values()) {
      for (const units of values) expect(Math.abs(Math.abs(units) - rate)).toBeLessThanOrEqual(1)
    }
  })

  it('move float masters as well', () => {
    const before = createProbedParameters(recipeOf('qzo-paper', null), openModel()).save()
    const averaged = recipeOf('qzo-paper', usualMoments.momentum)
    expect(stateAfter(averaged, 2).save()).not.toEqual(before)
    expect(stateAfter(averaged, 2).save()).not.toEqual(stateAfter(recipeOf('qzo-paper', null), 2).save())
  })

  it('change what a probe sees, not only the numbers', () => {
    const parameters = stateAfter(recipeOf('qzo', usualMoments.momentum), 3)
    const seen = parameters.overrides(null)(0, null)
    const loaded = createProbedParameters(recipeOf('qzo', null), openModel())
    loaded.load(parameters.save())
    expect(seen).toEqual(loaded.overrides(null)(0, null))
  })
})
