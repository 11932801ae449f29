import { z } from 'zod'
import { gradientUpdate } from './gradient-update.js'
import { codeBits, linears, trainedPart } from './trained-part.js'

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

/** Layers first … end − 1 are trained. */
const layers = { firstLayer: z.int().min(0), endLayer: z.int().min(1) }

/** A recipe whose steps follow from losses at probes: forward passes only. */
const probeRecipe = z.strictObject({
  estimator: z.literal('probes'),
  name: z.enum(['qzo-rows', 'qzo', 'qzo-paper', 'zeroqat']),
  parameters: z.enum([
    'row-factors',
    'row-and-column-factors',
    'block-scales',
    'raw-scales',
    'master-weights',
  ]),
  /** Of master weights. */
  master: z.strictObject({ bits: codeBits, linears }).optional(),
  /** Size of a probe: log-scale units, or units of the scale for raw scales, of the weight for master weights. */
  perturbationScale: positive,
  update: z.discriminatedUnion('kind', [normalizedUpdate, projectedUpdate]),
  ...layers,
})

/** A recipe whose steps follow from exact gradients, computed block by block. */
const gradientRecipe = z.strictObject({
  estimator: z.literal('gradients'),
  name: z.enum(['exact-rows', 'exact-lora', 'exact-scales', 'exact-all', 'exact-qat', 'exact-prompt']),
  /** What moves, together. */
  parts: z.array(trainedPart).min(1),
  update: gradientUpdate,
  ...layers,
})

/**
 * A named combination: what moves × how its slope is estimated × how the step is taken × which layers. Everything is
 * resolved, so that a job means the same in a later version.
 */
export const recipe = z.discriminatedUnion('estimator', [probeRecipe, gradientRecipe])

export type Recipe = z.infer<typeof recipe>
export type ProbeRecipe = z.infer<typeof probeRecipe>
export type GradientRecipe = z.infer<typeof gradientRecipe>
/** Every recipe by name. */
export const recipeName = z.enum([...probeRecipe.shape.name.options, ...gradientRecipe.shape.name.options])
export type RecipeName = z.infer<typeof recipeName>
/** How losses at probes become a step. */
export type Update = ProbeRecipe['update']
