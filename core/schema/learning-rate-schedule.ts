import { z } from 'zod'

const share = z.number().min(0).max(1)
/** The learning rate rises evenly over this share of the steps before anything else. */
const warmUpShare = share

/** How the learning rate moves over a run. `finalShare` is what is left of it after the last step. */
export const learningRateSchedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmUpShare }),
  z.strictObject({ kind: z.literal('linear'), warmUpShare, finalShare: share }),
  z.strictObject({ kind: z.literal('cosine'), warmUpShare, finalShare: share }),
])

export type LearningRateSchedule = z.infer<typeof learningRateSchedule>
