import { z } from 'zod'
import { evaluationFigures } from '../schema/events.js'

/** One step by probes: what was measured and what was moved. With the model and the job it decides the state. */
const probeLine = z.strictObject({
  step: z.int().min(0),
  seed: z.int().min(0),
  /** Loss on either side, one a lane; `minus` is empty where only one side is measured. */
  plus: z.array(z.number()),
  minus: z.array(z.number()),
  /** At the state itself, where the recipe asks for it. */
  clean: z.number().optional(),
  /** Distance moved along each lane's direction, in whole units (plain numbers for raw scales). */
  move: z.array(z.number()),
  /** By what the distances of layers from their start were multiplied after the move, where the step searched them; whole units. */
  magnitudes: z.array(z.int()).optional(),
})

/** One step along an exact gradient, whose state is in a checkpoint. */
const gradientLine = z.strictObject({
  step: z.int().min(0),
  /** Mean loss of the batch. */
  loss: z.number(),
  gradientNorm: z.number(),
  /** Mean of KL(base ‖ model) over the chosen tokens of other text, in nats, where the run keeps to its base. */
  divergence: z.number().optional(),
  /** What gradients were multiplied by on their way through half floats; those that this made too large were taken again. */
  lossScale: z.number().positive().optional(),
})

export const journalLine = z.union([probeLine, gradientLine])
export type JournalLine = z.infer<typeof journalLine>
export type ProbeLine = z.infer<typeof probeLine>

/** Mean of the losses that a step measured. */
export function lossOf(line: JournalLine): number {
  if (!isProbeLine(line)) return line.loss
  const losses = [...line.plus, ...line.minus]
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

export function isProbeLine(line: JournalLine): line is ProbeLine {
  return 'seed' in line
}

/** One evaluation on the dev rows, after `step` steps. */
export const metricsLine = z.strictObject({ step: z.int().min(0), ...evaluationFigures.shape })
export type MetricsLine = z.infer<typeof metricsLine>

/** Losses of the dev rows one by one, for paired comparisons. */
export const devLosses = z.strictObject({
  version: z.literal(1),
  step: z.int().min(0),
  losses: z.array(z.number()),
})
