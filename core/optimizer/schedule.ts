import type { LearningRateSchedule } from '../schema/learning-rate-schedule.js'

/** A share that falls linearly from 1 at step 0 towards `finalShare` after the last step. */
export function linearDecay(step: number, steps: number, finalShare: number): number {
  return 1 - (1 - finalShare) * (step / steps)
}

/** A share that falls along half a cosine from 1 at step 0 towards `finalShare` after the last step. */
export function cosineDecay(step: number, steps: number, finalShare: number): number {
  return finalShare + ((1 - finalShare) * (1 + Math.cos((Math.PI * step) / steps))) / 2
}

/**
 * Learning rate of a step: it rises evenly over the first W = round(warmUpShare · steps) steps, (step + 1) / W of the
 * highest, so that no step is lost to zero; then it follows the schedule over the steps that are left.
 *
 * @param step from 0
 * @param steps of the whole run
 */
export function learningRateAt(
  { learningRate, schedule }: { readonly learningRate: number; readonly schedule: LearningRateSchedule },
  step: number,
  steps: number,
): number {
  const warmUpSteps = Math.round(schedule.warmUpShare * steps)
  if (step < warmUpSteps) return learningRate * ((step + 1) / warmUpSteps)
  return learningRate * decayShare(schedule, step - warmUpSteps, Math.max(1, steps - warmUpSteps))
}

function decayShare(schedule: LearningRateSchedule, step: number, steps: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1
    case 'linear':
      return linearDecay(step, steps, schedule.finalShare)
    case 'cosine':
      return cosineDecay(step, steps, schedule.finalShare)
  }
}
