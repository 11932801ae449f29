import type { Example } from '../core/data/example.js'
import type { LoadedModel } from '../core/engine/loaded-model.js'
import type { Scorer } from '../core/engine/scorer.js'
import type { RuleState } from '../core/optimizer/update-rule.js'
import type { TrainedState } from '../core/parameters/trained-parameters.js'
import { deriveSeed } from '../core/random/derive-seed.js'
import type { ProbeRecipe, Recipe } from '../core/schema/recipe.js'
import { carryState } from '../core/training/carry-state.js'
import { measureLosses, passesOf } from '../core/training/estimate.js'
import { createProbedParameters, ruleOf } from '../core/training/recipes.js'
import { stepMover } from '../core/training/step-mover.js'
import { stepScope } from '../core/training/step-scope.js'
import { resolveRecipe, type RecipeChoices } from '../core/training/resolve-recipe.js'
import type { NamedGradient } from './gradient-shape.js'

/** How well the steps of a recipe agree with the true gradient. */
export interface StepAlignment {
  readonly name: string
  /** Numbers that it moves. */
  readonly numbers: number
  /** Forward passes a step. */
  readonly passes: number
  readonly draws: number
  /** Mean cosine between a step and the direction that descends fastest. */
  readonly alignment: number
  readonly standardError: number
}

interface AlignmentSubject {
  readonly model: LoadedModel
  readonly scorer: Scorer
  /** The state at which steps are taken. */
  readonly from: { readonly recipe: Recipe; readonly parameters: TrainedState }
  /** Gradients by name, of everything that some way moves. */
  readonly truth: NamedGradient
  readonly draws: number
  readonly seed: number
  readonly batchAt: (draw: number) => readonly Example[]
}

const ways: readonly (Pick<RecipeChoices, 'recipe'> & { readonly name: string })[] = [
  { name: 'a direction of its own an example, on rows', recipe: 'qzo-rows' },
  { name: 'one direction, two sides, on scales', recipe: 'qzo' },
  { name: 'numbers of a pool, two sides, on scales', recipe: 'pezo' },
  { name: 'rank two, two sides, on scales', recipe: 'lozo' },
  { name: 'four of rank eight, one side, evened out, on scales', recipe: 'zo-muon' },
  { name: 'eight directions, one side, on scales', recipe: 'fzoo' },
  { name: 'two sides over the curvature, on scales', recipe: 'spsa-curvature' },
  { name: 'a quarter of the layers at a time, on scales', recipe: 'lezo' },
]

/** Takes steps of each way from the same state, on all layers, and compares them with the true gradient. */
export async function* measureStepAlignment(subject: AlignmentSubject): AsyncGenerator<StepAlignment> {
  const { layerCount } = subject.model.description
  for (const { name, recipe: ofName } of ways) {
    const choices = { recipe: ofName, seed: subject.seed, layers: [0, layerCount - 1] } as const
    const recipe = resolveRecipe(choices, layerCount)
    if (recipe.estimator === 'probes') yield await alignmentOf(name, withBasesOfTheirOwn(recipe), subject)
  }
}

/** Steps that share nothing, so that each is a draw of its own. */
function withBasesOfTheirOwn(recipe: ProbeRecipe): ProbeRecipe {
  const { directions } = recipe
  return directions.kind === 'low-rank' ? { ...recipe, directions: { ...directions, interval: 1 } } : recipe
}

async function alignmentOf(
  name: string,
  recipe: ProbeRecipe,
  { model, scorer, from, truth, draws, seed, batchAt }: AlignmentSubject,
): Promise<StepAlignment> {
  const parameters = createProbedParameters(recipe, model)
  carryState(from, { recipe, parameters })
  const rule = ruleOf(recipe)
  const start = parameters.save()
  const move = stepMover(parameters, { recipe, steps: draws, seed })
  const cosines: number[] = []
  let state: RuleState = null
  for (let draw = 0; draw < draws; draw++) {
    const stepSeed = deriveSeed(seed, draw)
    const scope = stepScope({ recipe, seed }, draw, stepSeed)
    const probe = { seed: stepSeed, epsilon: recipe.perturbationScale, ...scope }
    const measured = await measureLosses(scorer, batchAt(draw), parameters, recipe.probing, probe)
    const { perturbationScale } = recipe
    const result = rule(measured, state, { step: 0, steps: draws, seed: stepSeed, perturbationScale })
    state = result.state
    const before = new Map([...parameters.numbers].map(([key, values]) => [key, values.slice()]))
    move(draw, { seed: stepSeed, move: [...result.coefficients] })
    cosines.push(-cosine(parameters.numbers, before, truth))
    parameters.load(start)
  }
  const mean = cosines.reduce((sum, value) => sum + value, 0) / draws
  const variance = cosines.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1)
  const standardError = Math.sqrt(variance / draws)
  const { count: numbers } = parameters
  return { name, numbers, passes: passesOf(recipe.probing), draws, alignment: mean, standardError }
}

/** Of what was moved, and the gradient. */
function cosine(
  after: ReadonlyMap<string, ArrayLike<number>>,
  before: ReadonlyMap<string, ArrayLike<number>>,
  gradient: NamedGradient,
): number {
  let [product, moved, norm] = [0, 0, 0]
  for (const [name, values] of after) {
    const [old, slopes] = [before.get(name), gradient.get(name)]
    if (old === undefined || slopes === undefined) throw new Error(`no gradient of ${name}`)
    for (let i = 0; i < slopes.length; i++) {
      const step = values[i] - old[i]
      product += step * slopes[i]
      moved += step * step
      norm += slopes[i] ** 2
    }
  }
  return product / Math.sqrt(moved * norm)
}
