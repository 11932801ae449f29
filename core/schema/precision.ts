import { z } from 'zod'

/** In what numbers products with the matrices of a model's blocks are taken. Everything else is in float32 or float64. */
export const precision = z.enum(['float32', 'float16'])
export type Precision = z.infer<typeof precision>
