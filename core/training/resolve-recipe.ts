import { requestIssue } from '../schema/request-issues.js'
import type { Recipe, RecipeName } from '../schema/recipe.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { defaultLayers, recipeTemplates, type ProbeTemplate } from './recipe-templates.js'
import { branchesOf, inOrder, refuseIdleChoices, resolveParts, type PartChoices } from './resolve-parts.js'
import { resolveFreezes } from './resolve-freezes.js'
import { refuseProbeChoices, resolveProbes, type ProbeChoices } from './resolve-probes.js'
import { refuseGradientChoices, resolveUpdate, type UpdateChoices } from './resolve-update.js'

/** What a person may choose of a recipe. */
export interface RecipeChoices extends PartChoices, UpdateChoices, ProbeChoices {
  readonly recipe: RecipeName
  /** First and last trained layer, both included; `auto`: all of them until probing has chosen. */
  readonly layers?: readonly [first: number, last: number] | 'auto'
}

/** The recipe that the choices mean for a model of so many layers. @throws EngineError 'request-invalid' */
export function resolveRecipe(choices: RecipeChoices, layerCount: number): Recipe {
  const template = recipeTemplates[choices.recipe]
  const layers = layersOf(choices, layerCount)
  if (template.estimator === 'gradients') {
    refuseProbeChoices(choices.recipe, choices)
    if (choices.layers === 'auto') throw requestIssue('layers-of-exact', { recipe: choices.recipe })
    const parts = resolveParts(choices.recipe, template.parts, choices)
    const { tokenShare = template.tokenShare } = choices
    return { ...template, parts, tokenShare, update: resolveUpdate(template.update, choices), ...layers }
  }
  const { linears, ...others } = choices
  refuseIdleChoices(choices.recipe, partsOf(template), template.codes === undefined ? choices : others)
  refuseGradientChoices(choices.recipe, choices)
  const probes = resolveProbes(template, choices)
  if (choices.freezes !== undefined && choices.layers === 'auto') throw requestIssue('freeze-of-auto')
  return {
    ...template,
    ...probes,
    parameters: choices.hasColumns === true ? 'row-and-column-factors' : template.parameters,
    ...(template.master !== undefined && { master: masterOf(template.master, choices) }),
    ...(template.codes !== undefined && {
      codes: { ...template.codes, linears: inOrder(linears ?? template.codes.linears) },
    }),
    ...(template.branches !== undefined && { branches: branchesOf(template.branches, choices) }),
    ...(choices.freezes !== undefined && {
      freezes: resolveFreezes(choices.freezes, { ...template, ...probes, ...layers }),
    }),
    ...layers,
  }
}

/** What a recipe by probes trains, in the terms of exact gradients: what a person may choose of it. */
function partsOf({ parameters, master, branches }: ProbeTemplate): TrainedPartSettings[] {
  if (parameters === 'row-factors') return [{ kind: 'factors', hasColumns: false }]
  if (branches !== undefined) return [branches]
  if (master === undefined) return []
  return [{ kind: 'master-weights', ...master, trainsGrid: false, softRounding: null }]
}

/** @throws EngineError 'request-invalid' for choices that need a gradient */
function masterOf(
  master: NonNullable<ProbeTemplate['master']>,
  {
    bits = master.bits,
    linears = master.linears,
    trainsGrid,
    softRounding,
    tokenShare,
    recipe,
  }: RecipeChoices,
): ProbeTemplate['master'] {
  if (trainsGrid === true || softRounding !== undefined || tokenShare !== undefined) {
    throw requestIssue('grid-of-probes', { recipe })
  }
  return { bits, linears: inOrder(linears) }
}

function layersOf(
  { layers, recipe }: RecipeChoices,
  layerCount: number,
): { firstLayer: number; endLayer: number } {
  if (layers === undefined) return defaultLayers(recipe, layerCount)
  if (layers === 'auto') return { firstLayer: 0, endLayer: layerCount }
  const [first, last] = layers
  if (first > last || last >= layerCount) {
    throw requestIssue('layers-outside', { first, last, top: layerCount - 1 })
  }
  return { firstLayer: first, endLayer: last + 1 }
}
