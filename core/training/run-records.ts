import { z } from 'zod'
import { evaluationFigures } from '../schema/events.js'

/** One step: what was measured and what was moved. With the model and the job it decides the state. */
export const journalLine = z.strictObject({
  step: z.int().min(0),
  seed: z.int().min(0),
  /** Loss on either side, one a lane. */
  plus: z.array(z.number()),
  minus: z.array(z.number()),
  /** Distance moved along each lane's direction, in whole units (plain numbers for raw scales). */
  move: z.array(z.number()),
})
export type JournalLine = z.infer<typeof journalLine>

/** One evaluation on the dev rows, after `step` steps. */
export const metricsLine = z.strictObject({ step: z.int().min(0), ...evaluationFigures.shape })
export type MetricsLine = z.infer<typeof metricsLine>

/** Losses of the dev rows one by one, for paired comparisons. */
export const devLosses = z.strictObject({
  version: z.literal(1),
  step: z.int().min(0),
  losses: z.array(z.number()),
})
