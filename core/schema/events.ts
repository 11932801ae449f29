import { z } from 'zod'

const count = z.int().min(0)

/** Figures of one evaluation on the dev rows. */
export const evaluationFigures = z.strictObject({
  /** Mean loss in nats: an example for labels and pairs, a scored token for answers and text. */
  loss: z.number(),
  /**
   * Share of examples whose label, or whose every scored token, is the most likely; of pairs, whose chosen answer is the
   * likelier compared with the base. Null for text.
   */
  accuracy: z.number().nullable(),
  examples: count,
})
export type EvaluationFigures = z.infer<typeof evaluationFigures>

/** Why a run ended. `stopped`: by the person; it can be resumed. */
export const endReason = z.enum(['steps-done', 'patience', 'stopped'])
export type EndReason = z.infer<typeof endReason>

/** Everything a run reports while it goes. */
export const trainEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    /** The first step of this session: 0, or where a resumed run goes on. */
    step: count,
    steps: count,
    trainedNumbers: count,
    trainExamples: count,
    devExamples: count,
  }),
  z.strictObject({ type: z.literal('notice'), message: z.string() }),
  /** Hidden states below the first trained layer, being computed once. */
  z.strictObject({ type: z.literal('features'), done: count, total: count, bytes: count }),
  /** What the base says of pairs, being asked once. */
  z.strictObject({ type: z.literal('base'), done: count, total: count }),
  z.strictObject({ type: z.literal('evaluating'), step: count, done: count, total: count }),
  z.strictObject({
    type: z.literal('step'),
    step: count,
    steps: count,
    loss: z.number(),
    smoothedLoss: z.number(),
    /** Size of the slope: of the projected gradients (root mean square), or of the exact gradient (norm). */
    slope: z.number(),
    /** How far the model is from its base on other text, in nats a token, where the run keeps to it. */
    divergence: z.number().optional(),
    /** Time of the training steps of this session, evaluations left out. */
    stepMs: z.number(),
    remainingMs: z.number().nullable(),
    /** Cost so far in full forward passes of one batch. */
    forwardPasses: z.number(),
    residentBytes: count,
    peakBytes: count,
  }),
  z.strictObject({
    type: z.literal('evaluation'),
    step: count,
    ...evaluationFigures.shape,
    isBest: z.boolean(),
    forwardPasses: z.number(),
  }),
  z.strictObject({
    type: z.literal('end'),
    reason: endReason,
    step: count,
    bestStep: count,
    before: evaluationFigures,
    after: evaluationFigures,
    /** Mean of loss after − before over the dev rows, with its 95 % interval (null: too few rows to say). */
    lossChange: z.strictObject({
      mean: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
    /** False where that interval holds 0, or says nothing. */
    isMeasurable: z.boolean(),
    forwardPasses: z.number(),
    peakBytes: count,
  }),
])
export type TrainEvent = z.infer<typeof trainEvent>
