import type { LoadedModel } from '../engine/loaded-model.js'
import { toUnits } from '../parameters/log-state.js'
import { BlockScales } from '../parameters/block-scales.js'
import { RawScales } from '../parameters/raw-scales.js'
import { RowFactors } from '../parameters/row-factors.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { updateRule, type UpdateRule } from '../optimizer/update-rule.js'
import type { Recipe, RecipeName } from '../schema/recipe.js'

/** A recipe before it knows its model. */
export type RecipeTemplate = Omit<Recipe, 'firstLayer' | 'endLayer'>

/** The named recipes with the settings that were measured or published for them. */
export const recipeTemplates: Readonly<Record<RecipeName, RecipeTemplate>> = {
  'qzo-rows': {
    name: 'qzo-rows',
    parameters: 'row-factors',
    perturbationScale: 0.03,
    update: {
      kind: 'normalized',
      learningRate: 0.01,
      finalShare: 0.1,
      clipDifference: null,
      clipRatio: 3,
      smoothing: 0.95,
    },
  },
  qzo: {
    name: 'qzo',
    parameters: 'block-scales',
    perturbationScale: 0.03,
    update: {
      kind: 'normalized',
      learningRate: 0.008,
      finalShare: 0.1,
      clipDifference: 0.2,
      clipRatio: 1e6,
      smoothing: 0.98,
    },
  },
  // QZO, arXiv:2505.13430, table of settings and released code.
  'qzo-paper': {
    name: 'qzo-paper',
    parameters: 'raw-scales',
    perturbationScale: 1e-3,
    update: { kind: 'projected', learningRate: 1e-7, clipGradient: 100 },
  },
}

/** The layers a recipe trains unless told: the upper half for row factors, all of them as published otherwise. */
export function defaultLayers(
  name: RecipeName,
  layerCount: number,
): { firstLayer: number; endLayer: number } {
  return { firstLayer: name === 'qzo-rows' ? Math.floor(layerCount / 2) : 0, endLayer: layerCount }
}

/** The parameters that a recipe trains, at their initial state. */
export function createParameters(recipe: Recipe, model: LoadedModel): TrainedParameters {
  const { firstLayer, endLayer } = recipe
  switch (recipe.parameters) {
    case 'row-factors':
      return new RowFactors(model.description, { firstLayer, endLayer, hasColumns: false })
    case 'row-and-column-factors':
      return new RowFactors(model.description, { firstLayer, endLayer, hasColumns: true })
    case 'block-scales':
      return new BlockScales(model, firstLayer, endLayer)
    case 'raw-scales':
      return new RawScales(model, firstLayer, endLayer)
  }
}

/** The update rule of a recipe: whole units for log-scales, plain numbers for the fp32 master. */
export function ruleOf(recipe: Recipe): UpdateRule {
  return updateRule(recipe.update, recipe.parameters === 'raw-scales' ? (distance) => distance : toUnits)
}
