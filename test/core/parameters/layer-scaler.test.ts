import { describe, expect, it } from 'vitest'
import { LayerScaler, toRatioUnits } from '../../../core/parameters/layer-scaler.js'
import type { RecipeName } from '../../../core/schema/recipe.js'
import { createProbedParameters } from '../../../core/training/recipes.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { openTiny } from '../../support/open-tiny.js'

const names = ['qzo-rows', 'qzo', 'qzo-paper', 'zeroqat'] as const

function movedBy(name: RecipeName, move: number) {
  const recipe = resolveRecipe({ recipe: name, seed: 1, layers: [0, 1] }, 2)
  if (recipe.estimator !== 'probes') throw new Error(`${name} is no recipe by probes`)
  const parameters = createProbedParameters(recipe, openTiny({ type: 'Q4_1', layers: 2 }).model)
  const start = parameters.save()
  const scaler = new LayerScaler(parameters)
  const isWhole = [...parameters.numbers.values()][0] instanceof Int32Array
  parameters.move(5, [isWhole ? 1000 * move : move / 1024])
  return { parameters, scaler, start }
}
const ratios = (...of: number[]) => of.map(toRatioUnits)

describe('distances of layers', () => {
  it.each(names)('stay at a ratio of one, and are undone by zero, bit for bit (%s)', (name) => {
    const { parameters, scaler, start } = movedBy(name, 1)
    const moved = parameters.save()
    scaler.scale(ratios(1, 1))
    expect(parameters.save()).toEqual(moved)
    expect(moved).not.toEqual(start)
    scaler.scale(ratios(0, 0))
    expect(parameters.save()).toEqual(start)
  })

  it.each(names)('are scaled layer by layer, as a longer move would have (%s)', (name) => {
    const { parameters, scaler } = movedBy(name, 1)
    scaler.scale(ratios(2, 1))
    const [twice, once] = [movedBy(name, 2).parameters.numbers, movedBy(name, 1).parameters.numbers]
    for (const [tensor, values] of parameters.numbers) {
      const expected = (tensor.startsWith('blk.0.') ? twice : once).get(tensor) ?? []
      values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5))
    }
  })

  it('come back after a probe, also where measuring fails', async () => {
    const { parameters, scaler } = movedBy('qzo-rows', 1)
    const moved = parameters.save()
    const seen = await scaler.at(ratios(0.5, 1.5), () => Promise.resolve(parameters.save()))
    expect(seen).not.toEqual(moved)
    expect(parameters.save()).toEqual(moved)
    const failing = scaler.at(ratios(0.5, 1.5), () => Promise.reject(new Error('boom')))
    await expect(failing).rejects.toThrow('boom')
    expect(parameters.save()).toEqual(moved)
    const fresh = movedBy('qzo-rows', 1).parameters
    expect(parameters.overrides(null)(0, null)).toEqual(fresh.overrides(null)(0, null))
  })
})
