import { z } from 'zod'

const positive = z.number().positive()

/** How far each layer is from where the run began, found anew every so many steps by forward passes. */
export const layerMagnitudes = z.strictObject({
  /** Steps between two searches. */
  interval: z.int().min(1),
  /** Pairs of forward passes of a search. */
  iterations: z.int().min(1),
  /** Size of a probe, in parts of a layer's distance from its start. */
  perturbationScale: positive,
  learningRate: positive,
  /** The largest change of a distance in a search, in parts of it. */
  largestChange: positive.max(1),
})

export type LayerMagnitudes = z.infer<typeof layerMagnitudes>

/** As DiZO's code has them. */
export const usualMagnitudes: LayerMagnitudes = {
  interval: 50,
  iterations: 10,
  perturbationScale: 0.1,
  learningRate: 2,
  largestChange: 0.2,
}
