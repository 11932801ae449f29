import { z } from 'zod'

const positive = z.number().positive()

/** How the step follows from the measured loss differences. */
const normalizedUpdate = z.strictObject({
  kind: z.literal('normalized'),
  learningRate: positive,
  /** The last step's learning rate as a share of the first's; it falls linearly. */
  finalShare: z.number().min(0).max(1),
  /** Differences are clipped to ± this many nats before anything else. */
  clipDifference: positive.nullable(),
  /** Then divided by their running root mean square and clipped to ± this. */
  clipRatio: positive,
  /** Weight of the past in the running mean square. */
  smoothing: z.number().min(0).max(1),
})

const projectedUpdate = z.strictObject({
  kind: z.literal('projected'),
  learningRate: positive,
  /** The projected gradient is clipped to ± this. */
  clipGradient: positive,
})

/**
 * A named combination: what moves × direction × estimator × update × which layers. Everything is resolved, so that a job
 * means the same in a later version.
 */
export const recipe = z.strictObject({
  name: z.enum(['qzo-rows', 'qzo', 'qzo-paper']),
  parameters: z.enum(['row-factors', 'row-and-column-factors', 'block-scales', 'raw-scales']),
  /** Size of a probe: log-scale units, or units of the scale for raw scales. */
  perturbationScale: positive,
  update: z.discriminatedUnion('kind', [normalizedUpdate, projectedUpdate]),
  /** Layers first … end − 1 are trained. */
  firstLayer: z.int().min(0),
  endLayer: z.int().min(1),
})

export type Recipe = z.infer<typeof recipe>
export type RecipeName = Recipe['name']
export type Update = Recipe['update']
