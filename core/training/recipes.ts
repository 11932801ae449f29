import type { LoadedModel } from '../engine/loaded-model.js'
import { toUnits } from '../parameters/log-state.js'
import { BlockScales } from '../parameters/block-scales.js'
import { MasterWeights } from '../parameters/master-weights.js'
import { RawScales } from '../parameters/raw-scales.js'
import { RowFactors } from '../parameters/row-factors.js'
import type { DifferentiatedParameters } from '../parameters/differentiated-parameters.js'
import { createPart } from '../parameters/create-part.js'
import { PartSet } from '../parameters/part-set.js'
import type { TrainedParameters, TrainedState } from '../parameters/trained-parameters.js'
import { updateRule, type UpdateRule } from '../optimizer/update-rule.js'
import type { GradientRecipe, ProbeRecipe, Recipe } from '../schema/recipe.js'
import { lightMaster } from './recipe-templates.js'

/** The parameters that a recipe trains, at their initial state. */
export function createParameters(recipe: Recipe, model: LoadedModel): TrainedState {
  return recipe.estimator === 'probes'
    ? createProbedParameters(recipe, model)
    : createDifferentiatedParameters(recipe, model)
}

/** The parameters of a recipe by forward passes. */
export function createProbedParameters(recipe: ProbeRecipe, model: LoadedModel): TrainedParameters {
  const { firstLayer, endLayer, master, directions } = recipe
  switch (recipe.parameters) {
    case 'row-factors':
      return new RowFactors(model.description, { firstLayer, endLayer, hasColumns: false })
    case 'row-and-column-factors':
      return new RowFactors(model.description, { firstLayer, endLayer, hasColumns: true })
    case 'block-scales':
      return new BlockScales(model, firstLayer, endLayer, directions)
    case 'raw-scales':
      return new RawScales(model, firstLayer, endLayer)
    case 'master-weights':
      return new MasterWeights(model, { firstLayer, endLayer, ...(master ?? lightMaster) })
  }
}

/** The parameters of a recipe by exact gradients. */
export function createDifferentiatedParameters(
  { parts, firstLayer, endLayer }: GradientRecipe,
  model: LoadedModel,
): DifferentiatedParameters {
  return new PartSet(parts.map((part) => createPart(part, model, { firstLayer, endLayer })))
}

/** The update rule of a recipe by forward passes: whole units for log-scales, plain numbers for fp32 masters. */
export function ruleOf(recipe: ProbeRecipe): UpdateRule {
  const isMaster = recipe.parameters === 'raw-scales' || recipe.parameters === 'master-weights'
  return updateRule(recipe.update, recipe.probing, isMaster ? (distance) => distance : toUnits)
}
