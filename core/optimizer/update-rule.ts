import type { Update } from '../schema/recipe.js'
import { linearDecay } from './schedule.js'

/** What a probe measured: one pair of losses a lane, in nats. */
export interface Measurement {
  readonly lossPlus: readonly number[]
  readonly lossMinus: readonly number[]
}

/** Where a step stands in its run. */
export interface StepContext {
  readonly step: number
  readonly steps: number
  readonly perturbationScale: number
}

/** A value owned by the caller, so that it can be rebuilt from a journal. Null before the first step. */
export type RuleState = { readonly meanSquare: number } | null

export interface RuleResult {
  /** What to move by along each lane's direction, in the parameters' own units. */
  readonly coefficients: readonly number[]
  readonly state: RuleState
}

/** Turns measured losses into a step. Pure: equal arguments give equal results. */
export type UpdateRule = (measurement: Measurement, state: RuleState, context: StepContext) => RuleResult

/**
 * The update rule that a recipe names.
 *
 * @param toUnits turns a distance into the whole units of an integer state; identity for float masters
 */
export function updateRule(update: Update, toUnits: (distance: number) => number): UpdateRule {
  return update.kind === 'normalized' ? normalized(update, toUnits) : projected(update, toUnits)
}

/**
 * Each lane's difference d = L(+) − L(−), clipped, divided by the running root mean square of differences:
 * v ← β v + (1 − β) mean(d²);  step along lane b = −η(t) / √lanes · clip(d_b / √v).
 *
 * The size of a step does not depend on the scale of the loss. Source: normalised updates of MEAZO, arXiv:2605.03869;
 * own directions an example, GRZO, arXiv:2606.02857.
 */
function normalized(
  update: Update & { kind: 'normalized' },
  toUnits: (distance: number) => number,
): UpdateRule {
  return ({ lossPlus, lossMinus }, state, { step, steps }) => {
    const limit = update.clipDifference ?? Infinity
    const differences = lossPlus.map((loss, lane) => clamp(loss - lossMinus[lane], limit))
    const measured = differences.reduce((sum, d) => sum + d * d, 0) / differences.length
    const meanSquare =
      state === null ? measured : update.smoothing * state.meanSquare + (1 - update.smoothing) * measured
    // The floor keeps a step finite where every difference has been zero.
    const rootMeanSquare = Math.sqrt(meanSquare + 1e-12)
    const learningRate = update.learningRate * linearDecay(step, steps, update.finalShare)
    const scale = -learningRate / Math.sqrt(differences.length)
    return {
      coefficients: differences.map((d) => toUnits(scale * clamp(d / rootMeanSquare, update.clipRatio))),
      state: { meanSquare },
    }
  }
}

/**
 * Plain steps along the projected gradient, constant learning rate:
 * g = clip((L(+) − L(−)) / 2ε, C);  step = −η g.
 *
 * Source: QZO, arXiv:2505.13430, section 3.2 (directional derivative clipping).
 */
function projected(
  update: Update & { kind: 'projected' },
  toUnits: (distance: number) => number,
): UpdateRule {
  return ({ lossPlus, lossMinus }, state, { perturbationScale }) => ({
    coefficients: lossPlus.map((loss, lane) => {
      const gradient = (loss - lossMinus[lane]) / (2 * perturbationScale)
      return toUnits(-update.learningRate * clamp(gradient, update.clipGradient))
    }),
    state,
  })
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value))
}
