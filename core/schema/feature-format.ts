import { z } from 'zod'

/** How a feature cache keeps the hidden states that enter the first trained layer: exactly, or in 16, 8 or 4 bits a number. */
export const featureFormat = z.enum(['float32', 'int16', 'int8', 'int4'])
export type FeatureFormat = z.infer<typeof featureFormat>
