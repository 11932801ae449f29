import { z } from 'zod'

/** A kind of numbers that exact gradients move; a recipe may have several. */
export const trainedPart = z.discriminatedUnion('kind', [
  /** A factor on each output of each linear, and on each block of its inputs: they fold exactly into the scales of the file. */
  z.strictObject({ kind: z.literal('factors'), hasColumns: z.boolean() }),
])
export type TrainedPartSettings = z.infer<typeof trainedPart>
