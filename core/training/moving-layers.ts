import type { ProbeRecipe, Recipe } from '../schema/recipe.js'
import type { LayerFreeze } from '../schema/layer-freeze.js'

/** Layers that stay as they are from some steps on, from the bottom up; none unless a recipe says so. */
export function freezesOf(recipe: Recipe): readonly LayerFreeze[] {
  return (recipe.estimator === 'probes' ? recipe.freezes : undefined) ?? []
}

/** How many of a recipe's freezes have happened once `step` steps were taken. */
export function freezesUntil(recipe: Recipe, step: number): number {
  return freezesOf(recipe).filter((freeze) => freeze.step <= step).length
}

/** The first layer that the step after `step` others moves. */
export function firstMovingLayer(recipe: ProbeRecipe, step: number): number {
  return freezesOf(recipe)[freezesUntil(recipe, step) - 1]?.layer ?? recipe.firstLayer
}
