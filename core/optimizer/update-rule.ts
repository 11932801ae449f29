import type { ProbeUpdate } from '../schema/probe-update.js'
import type { Probing } from '../schema/probing.js'
import { probeDifferences, type Measurement, type StepContext } from './probe-differences.js'
import { learningRateAt } from './schedule.js'

/** A value owned by the caller, so that it can be rebuilt from a journal. Null before the first step. */
export type RuleState = { readonly meanSquare: number } | null

export interface RuleResult {
  /** What to move by along each lane's direction, in the parameters' own units. */
  readonly coefficients: readonly number[]
  readonly state: RuleState
}

/** Turns measured losses into a step. Pure: equal arguments give equal results. */
export type UpdateRule = (measurement: Measurement, state: RuleState, context: StepContext) => RuleResult

/** A step in distances, from estimates d of L(+ε) − L(−ε) along each lane's direction. */
type StepRule = (
  differences: readonly number[],
  state: RuleState,
  context: StepContext,
) => { readonly distances: readonly number[]; readonly state: RuleState }

/**
 * The update rule that a recipe names, on what its probes measure.
 *
 * @param toUnits turns a distance into the whole units of an integer state; identity for float masters
 */
export function updateRule(
  update: ProbeUpdate,
  probing: Probing,
  toUnits: (distance: number) => number,
): UpdateRule {
  const rule = stepRule(update)
  return (measurement, before, context) => {
    const { distances, state } = rule(probeDifferences(measurement, probing, context), before, context)
    return { coefficients: distances.map(toUnits), state }
  }
}

function stepRule(update: ProbeUpdate): StepRule {
  switch (update.kind) {
    case 'normalized':
      return normalized(update)
    case 'projected':
      return projected(update)
    case 'sign':
      return sign(update)
    case 'spread':
      return spread(update)
  }
}

/**
 * Each lane's difference d, clipped, divided by the running root mean square of differences:
 * v ← β v + (1 − β) mean(d²);  step along lane b = −η(t) / √lanes · clip(d_b / √v).
 *
 * The size of a step does not depend on the scale of the loss. Source: normalised updates of MEAZO, arXiv:2605.03869;
 * own directions an example, GRZO, arXiv:2606.02857.
 */
function normalized(update: ProbeUpdate & { kind: 'normalized' }): StepRule {
  return (unclipped, state, { step, steps }) => {
    const limit = update.clipDifference ?? Infinity
    const differences = unclipped.map((difference) => clamp(difference, limit))
    const measured = meanSquareOf(differences)
    const meanSquare =
      state === null ? measured : update.smoothing * state.meanSquare + (1 - update.smoothing) * measured
    // The floor keeps a step finite where every difference has been zero.
    const rootMeanSquare = Math.sqrt(meanSquare + 1e-12)
    const scale = -learningRateAt(update, step, steps) / Math.sqrt(differences.length)
    return {
      distances: differences.map((d) => scale * clamp(d / rootMeanSquare, update.clipRatio)),
      state: { meanSquare },
    }
  }
}

/**
 * Plain steps along the projected gradient, averaged over lanes:
 * g = clip(d / 2ε, C);  step = −η(t) g / lanes.
 *
 * Source: QZO, arXiv:2505.13430, section 3.2 (directional derivative clipping), where η is constant.
 */
function projected(update: ProbeUpdate & { kind: 'projected' }): StepRule {
  return (differences, state, { step, steps, perturbationScale }) => {
    const scale = -learningRateAt(update, step, steps) / differences.length
    return {
      distances: differences.map((d) => scale * clamp(d / (2 * perturbationScale), update.clipGradient)),
      state,
    }
  }
}

/**
 * The same distance along every lane, down: step = −η(t) / √lanes · sign(d).
 *
 * Source: ZO-SignSGD, Liu et al. 2019, of one direction at a time.
 */
function sign(update: ProbeUpdate & { kind: 'sign' }): StepRule {
  return (differences, state, { step, steps }) => {
    const scale = -learningRateAt(update, step, steps) / Math.sqrt(differences.length)
    return { distances: differences.map((d) => scale * Math.sign(d)), state }
  }
}

/**
 * Divided by the spread σ of the step's own losses, which needs no memory of earlier steps:
 * step along lane i = −η(t) (d_i / 2) / (N σ), σ² = mean over lanes of (d_i / 2)², less their mean's square.
 *
 * Source: FZOO, arXiv:2506.09034, in the form of its code.
 */
function spread(update: ProbeUpdate & { kind: 'spread' }): StepRule {
  return (differences, state, { step, steps }) => {
    const count = differences.length
    const mean = differences.reduce((sum, d) => sum + d, 0) / count
    const sigma = Math.sqrt(meanSquareOf(differences.map((d) => (d - mean) / 2)) + 1e-12)
    const scale = -learningRateAt(update, step, steps) / (count * sigma)
    return { distances: differences.map((d) => scale * (d / 2)), state }
  }
}

function meanSquareOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value))
}
