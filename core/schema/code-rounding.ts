import { z } from 'zod'

/** A step is rounded at random to whole codes, independently of how its probe was. */
const stochastic = z.strictObject({ kind: z.literal('stochastic') })

/** A step goes along the codes that its probe moved; what rounding it to whole codes leaves out is kept for the next ones. */
const errorFeedback = z.strictObject({
  kind: z.literal('error-feedback'),
  /** Weight of what earlier steps left out. */
  decay: z.number().positive().max(1),
})

/** How steps of codes become whole numbers. */
export const codeRounding = z.discriminatedUnion('kind', [stochastic, errorFeedback])
export type CodeRounding = z.infer<typeof codeRounding>
