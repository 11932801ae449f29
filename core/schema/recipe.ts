import { z } from 'zod'
import { codeRounding } from './code-rounding.js'
import { gradientUpdate } from './gradient-update.js'
import { layerFreeze } from './layer-freeze.js'
import { layerMagnitudes } from './layer-magnitudes.js'
import { probeDirections, usualDirections } from './probe-directions.js'
import { probeMoments } from './probe-moments.js'
import { probeUpdate } from './probe-update.js'
import { plainProbing, probing } from './probing.js'
import { spectralStep } from './spectral-step.js'
import { codeBits, linears, lowRankPart, trainedPart } from './trained-part.js'

/** Layers first … end − 1 are trained. */
const layers = { firstLayer: z.int().min(0), endLayer: z.int().min(1) }

/** A recipe whose steps follow from losses at probes: forward passes only. */
const probeRecipe = z.strictObject({
  estimator: z.literal('probes'),
  name: z.enum([
    'qzo-rows',
    'qzo',
    'qzo-paper',
    'zeroqat',
    'quzo',
    'qes',
    'fzoo',
    'kerzoo',
    'spsa-curvature',
    'lezo',
    'qzo-rows-momentum',
    'qzo-rows-adam',
    'dizo',
    'pezo',
    'lozo',
    'zo-muon',
    'eggroll',
  ]),
  parameters: z.enum([
    'row-factors',
    'row-and-column-factors',
    'block-scales',
    'raw-scales',
    'master-weights',
    'codes',
    'low-rank-branches',
  ]),
  /** Of master weights. */
  master: z.strictObject({ bits: codeBits, linears }).optional(),
  /** Of codes: in which linears they are trained where their type allows it, and how steps become whole. */
  codes: z.strictObject({ linears, rounding: codeRounding }).optional(),
  /** Low-rank branches. */
  branches: lowRankPart.optional(),
  /**
   * Size of a probe: log-scale units, or units of the scale for raw scales, of the weight for master weights, whole codes for
   * codes, of the upper matrix of a branch.
   */
  perturbationScale: z.number().positive(),
  /** Where losses are measured. */
  probing: probing.default(plainProbing),
  /** What directions are made of. */
  directions: probeDirections.default(usualDirections.independent),
  /** Share of the trained layers that are probed and moved in a step, chosen anew each time. */
  layerShare: z.number().positive().max(1).default(1),
  /** Layers that stay as they are from some steps on. */
  freezes: z.array(layerFreeze).min(1).optional(),
  update: probeUpdate,
  /** Running means that the steps of `update` go into; null where each is taken as it is. */
  moments: probeMoments.nullable().default(null),
  /** How the steps of matrices are evened out over their singular directions; null where they are taken as they are. */
  spectral: spectralStep.nullable().default(null),
  /** How far layers are from their start, searched now and then; null for as far as steps take them. */
  magnitudes: layerMagnitudes.nullable().default(null),
  ...layers,
})

/** A recipe whose steps follow from exact gradients, computed block by block. */
const gradientRecipe = z.strictObject({
  estimator: z.literal('gradients'),
  name: z.enum(['exact-rows', 'exact-lora', 'exact-scales', 'exact-all', 'exact-qat', 'exact-prompt']),
  /** What moves, together. */
  parts: z.array(trainedPart).min(1),
  /** Of the tokens, from which gradients of weights, scales and zero points are estimated. */
  tokenShare: z.number().positive().max(1).default(1),
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
