import { z } from 'zod'
import { featureFormat } from './feature-format.js'

/** From a step on, the layers below one stay as they are then. */
export const layerFreeze = z.strictObject({
  /** Steps that were taken before. */
  step: z.int().min(1),
  /** The first layer that still moves. */
  layer: z.int().min(1),
  /** In what numbers a feature cache keeps hidden states from then on; null for those before. */
  featureFormat: featureFormat.nullable(),
})
export type LayerFreeze = z.infer<typeof layerFreeze>
