import { isGraphModel, type TrainableModel } from '../engine/graph-model.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { toUnits } from '../parameters/log-state.js'
import { unitsOfCode } from '../parameters/code-matrix.js'
import { LowRankBranches } from '../parameters/low-rank-branches.js'
import { BlockScales } from '../parameters/block-scales.js'
import { MasterWeights } from '../parameters/master-weights.js'
import { RawScales } from '../parameters/raw-scales.js'
import { RowFactors } from '../parameters/row-factors.js'
import { WeightCodes } from '../parameters/weight-codes.js'
import type { DifferentiatedParameters } from '../parameters/differentiated-parameters.js'
import { createPart } from '../parameters/create-part.js'
import { PartSet } from '../parameters/part-set.js'
import type { TrainedParameters, TrainedState } from '../parameters/trained-parameters.js'
import { updateRule, type UpdateRule } from '../optimizer/update-rule.js'
import type { GradientRecipe, ProbeRecipe, Recipe } from '../schema/recipe.js'
import { requestIssue } from '../schema/request-issues.js'
import { allCodes, lightMaster, usualBranches } from './recipe-templates.js'

/**
 * The parameters that a recipe trains, at their initial state.
 *
 * @throws EngineError 'request-invalid' where a recipe trains other things than block scales, and the model is a graph
 */
export function createParameters(recipe: Recipe, model: TrainableModel): TrainedState {
  return recipe.estimator === 'probes'
    ? createProbedParameters(recipe, model)
    : createDifferentiatedParameters(recipe, blocksFor(recipe, model))
}

/** The parameters of a recipe by forward passes. Throws as `createParameters`. */
export function createProbedParameters(recipe: ProbeRecipe, model: TrainableModel): TrainedParameters {
  const { firstLayer, endLayer, parameters } = recipe
  switch (parameters) {
    case 'block-scales':
      return new BlockScales(model, firstLayer, endLayer, recipe.directions)
    case 'raw-scales':
      return new RawScales(model, firstLayer, endLayer)
    case 'master-weights': {
      const settings = { firstLayer, endLayer, ...(recipe.master ?? lightMaster) }
      return new MasterWeights(blocksFor(recipe, model), settings)
    }
    case 'codes': {
      const { codes = allCodes, perturbationScale } = recipe
      const settings = { firstLayer, endLayer, perturbationScale, ...codes }
      return new WeightCodes(blocksFor(recipe, model), settings)
    }
    case 'low-rank-branches': {
      const { branches = usualBranches } = recipe
      return new LowRankBranches(blocksFor(recipe, model).description, { firstLayer, endLayer }, branches)
    }
    default: {
      const { description } = blocksFor(recipe, model)
      const hasColumns = parameters === 'row-and-column-factors'
      return new RowFactors(description, { firstLayer, endLayer, hasColumns })
    }
  }
}

/** The blocks of a model. @throws EngineError 'request-invalid' where it is a graph */
function blocksFor({ name }: Recipe, model: TrainableModel): LoadedModel {
  if (isGraphModel(model)) throw requestIssue('recipe-of-graph', { recipe: name })
  return model
}

/** The parameters of a recipe by exact gradients. */
export function createDifferentiatedParameters(
  { parts, firstLayer, endLayer }: GradientRecipe,
  model: LoadedModel,
): DifferentiatedParameters {
  return new PartSet(parts.map((part) => createPart(part, model, { firstLayer, endLayer })))
}

/** The update rule of a recipe by forward passes. */
export function ruleOf(recipe: ProbeRecipe): UpdateRule {
  return updateRule(recipe.update, recipe.probing, unitsOf(recipe))
}

/** Whole units for log-scales and codes, which move by one at most, plain numbers for fp32 masters. */
function unitsOf({ parameters, codes = allCodes }: ProbeRecipe): (distance: number) => number {
  switch (parameters) {
    case 'raw-scales':
    case 'master-weights':
      return (distance) => distance
    case 'codes':
      return (distance) => Math.round(Math.max(-1, Math.min(1, distance)) * unitsOfCode(codes.rounding))
    default:
      return toUnits
  }
}
