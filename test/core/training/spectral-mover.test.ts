import { describe, expect, it } from 'vitest'
import { orthogonalize } from '../../../core/parameters/orthogonalize.js'
import type { SpectralStep } from '../../../core/schema/spectral-step.js'
import { usualSpectral } from '../../../core/schema/spectral-step.js'
import type { ProbeRecipe } from '../../../core/schema/recipe.js'
import { createProbedParameters } from '../../../core/training/recipes.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { stepMover } from '../../../core/training/step-mover.js'
import { openTiny } from '../../support/open-tiny.js'

const lines = Array.from({ length: 4 }, (_, step) => ({
  seed: 100 + step,
  move: [40_000, -9000 * step, 7000, 1000],
}))
const kinds = Object.values(usualSpectral)

function recipeOf(spectral: SpectralStep | null): ProbeRecipe {
  const recipe = resolveRecipe({ recipe: 'zo-muon', seed: 1, layers: [0, 1] }, 2)
  if (recipe.estimator !== 'probes') throw new Error('zo-muon is no recipe by probes')
  return { ...recipe, spectral }
}

/** The states after each of the lines. */
function statesOf(spectral: SpectralStep | null, taken = lines) {
  const recipe = recipeOf(spectral)
  const parameters = createProbedParameters(recipe, openTiny({ type: 'Q4_1', layers: 2 }).model)
  const move = stepMover(parameters, { recipe, steps: lines.length, seed: 1 })
  const states = taken.map((line, step) => {
    move(step, line)
    return new Map([...parameters.numbers].map(([name, values]) => [name, Float64Array.from(values)]))
  })
  return { states, parameters }
}

const lengthOf = (values: Float64Array): number => Math.hypot(...values)

describe.each(kinds)('a step evened out by $kind', (spectral) => {
  it('is as long in every matrix as it was, to the rounding of units', () => {
    const [[plain], [even]] = [statesOf(null).states, statesOf(spectral).states]
    for (const [name, values] of plain) {
      const found = even.get(name) ?? new Float64Array(0)
      expect(Math.abs(lengthOf(found) - lengthOf(values))).toBeLessThan(0.5 * Math.sqrt(values.length))
      expect(found).not.toEqual(values)
    }
  })

  it('leads to the same bits again, and is seen by a probe', () => {
    const [one, other] = [statesOf(spectral).parameters, statesOf(spectral).parameters]
    expect(one.save()).toEqual(other.save())
    const seen = one.overrides(null)(0, null)
    const loaded = statesOf(spectral, []).parameters
    loaded.load(other.save())
    expect(loaded.overrides(null)(0, null)).toEqual(seen)
  })

  it('stays where nothing has moved', () => {
    const still = statesOf(spectral, [{ seed: 1, move: [0, 0, 0, 0] }])
    for (const values of still.parameters.numbers.values())
      expect(values.every((value) => value === 0)).toBe(true)
  })
})

describe('a step evened out by Newton and Schulz', () => {
  it('is the orthogonalized matrix of the step, at its length', () => {
    const spectral = usualSpectral['newton-schulz']
    const [[plain], { states, parameters }] = [statesOf(null).states, statesOf(spectral)]
    for (const [name, values] of plain) {
      const even = orthogonalize(values, parameters.shapes?.get(name) ?? [0, 0], spectral.rounds)
      const scale = lengthOf(values) / lengthOf(even)
      states[0]
        .get(name)
        ?.forEach((value, i) => expect(Math.abs(value - scale * even[i])).toBeLessThanOrEqual(0.5))
    }
  })
})
