import { createMomentRule } from '../optimizer/create-moment-rule.js'
import { learningRateAt } from '../optimizer/schedule.js'
import { LayerScaler } from '../parameters/layer-scaler.js'
import { unitOfLogScale } from '../parameters/log-state.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import type { ProbeMoments } from '../schema/probe-moments.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import type { ProbeLine } from './run-records.js'
import { spectralMover } from './spectral-mover.js'
import { stepScope, type ScopeContext } from './step-scope.js'

/**
 * Moves what a recipe by forward passes trains, one step after the other from the first on. A running step, its replay and
 * an adapter do the same, so that what a step carries over to later ones is rebuilt with the state.
 */
export type StepMover = (step: number, line: Pick<ProbeLine, 'seed' | 'move' | 'magnitudes'>) => void

/** What the steps of a run have in common. */
export interface MoverContext extends ScopeContext {
  /** Of the whole run. */
  readonly steps: number
}

/** @param parameters at the state that the run begins with */
export function stepMover(
  parameters: TrainedParameters,
  context: MoverContext,
  scaler: LayerScaler | null = scalerOf(parameters, context.recipe),
): StepMover {
  const { recipe, seed: runSeed } = context
  const { spectral } = recipe
  const plain: StepMover =
    recipe.moments === null
      ? (step, { seed, move: distances }) => parameters.move(seed, distances, stepScope(context, step, seed))
      : alongMeans(parameters, recipe.moments, context)
  const move = spectral === null ? plain : spectralMover(parameters, spectral, runSeed, plain)
  return (step, line) => {
    move(step, line)
    if (line.magnitudes !== undefined) scaler?.scale(line.magnitudes)
  }
}

/** What scales the distances of layers from the state that the parameters have now, where a recipe searches them. */
export function scalerOf(parameters: TrainedParameters, { magnitudes }: ProbeRecipe): LayerScaler | null {
  return magnitudes === null ? null : new LayerScaler(parameters)
}

/**
 * Takes the step Δ that the recipe's own rule makes as a gradient, g = −Δ / η(t), and moves along its running means by η(t)
 * again. States of whole numbers stay whole: what is moved is rounded to the nearest unit.
 */
function alongMeans(parameters: TrainedParameters, moments: ProbeMoments, context: MoverContext): StepMover {
  const { recipe, steps, seed: runSeed } = context
  const tensors = [...parameters.numbers].map(([name, values]) => ({
    values,
    before: values.slice(),
    unit: values instanceof Int32Array ? unitOfLogScale : 1,
    rule: createMomentRule(moments, values.length, { seed: runSeed, tensor: name }),
  }))
  const longest = Math.max(...tensors.map(({ values }) => values.length))
  const [gradients, displacements] = [new Float32Array(longest), new Float32Array(longest)]
  return (step, { seed, move }) => {
    for (const { values, before } of tensors) before.set(values)
    parameters.move(seed, move, stepScope(context, step, seed))
    const learningRate = learningRateAt(recipe.update, step, steps)
    for (const { values, before, unit, rule } of tensors) {
      const gradient = gradients.subarray(0, values.length)
      const displacement = displacements.subarray(0, values.length).fill(0)
      const scale = unit / learningRate
      for (let i = 0; i < values.length; i++) gradient[i] = (before[i] - values[i]) * scale
      rule.update(displacement, gradient, { step, learningRate })
      const isWhole = values instanceof Int32Array
      for (let i = 0; i < values.length; i++) {
        values[i] = before[i] + (isWhole ? Math.round(displacement[i] / unit) : displacement[i])
      }
    }
    parameters.refresh()
  }
}
