import type { LearningRateSchedule } from '../schema/learning-rate-schedule.js'

/** What a person may choose of how the learning rate moves. */
export interface ScheduleChoices {
  readonly schedule?: LearningRateSchedule['kind']
  readonly warmUpShare?: number
}

/** A recipe's schedule with what a person chose of it. One that falls ends where the recipe's own does, at 0 if that never falls. */
export function resolveSchedule(
  base: LearningRateSchedule,
  { schedule = base.kind, warmUpShare = base.warmUpShare }: ScheduleChoices,
): LearningRateSchedule {
  if (schedule === 'constant') return { kind: schedule, warmUpShare }
  return { kind: schedule, warmUpShare, finalShare: 'finalShare' in base ? base.finalShare : 0 }
}
