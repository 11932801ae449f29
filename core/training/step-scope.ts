import type { StepScope } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import { activeLayers } from './active-layers.js'

/** Whose steps they are. */
export interface ScopeContext {
  readonly recipe: ProbeRecipe
  /** Of the run. */
  readonly seed: number
}

/** Keeps what several steps share apart from whatever else the run's seed decides. */
const purpose = 0xba515

/**
 * The layers of a step, and what its directions share with those of its neighbours: as many steps as the recipe says, counted
 * from the first one of the run.
 *
 * @param seed of the step
 */
export function stepScope({ recipe, seed: runSeed }: ScopeContext, step: number, seed: number): StepScope {
  const layers = activeLayers(recipe, step, seed)
  const { directions } = recipe
  if (directions.kind !== 'low-rank') return { layers }
  return { layers, basis: deriveSeed(runSeed, purpose, Math.floor(step / directions.interval)) }
}
