import { z } from 'zod'
import { momentStates } from '../../core/schema/gradient-update.js'
import { probeDirectionKinds } from '../../core/schema/probe-directions.js'
import { probeMomentKinds } from '../../core/schema/probe-moments.js'
import { probeUpdateKinds } from '../../core/schema/probe-update.js'
import { precision } from '../../core/schema/precision.js'
import { probingKinds } from '../../core/schema/probing.js'
import { recipeName } from '../../core/schema/recipe.js'
import { spectralKinds } from '../../core/schema/spectral-step.js'
import { score, scoreForm } from '../../core/schema/score.js'
import { linears } from '../../core/schema/trained-part.js'
import { bytes, count, handle, runId } from './names.js'

export { recipeName }
export const preset = z.enum(['quick', 'balanced', 'careful'])
const keptStates = z.enum(['float32', 'int16', 'int8', 'file'])

const optimizer = z.enum(['adamw', 'grass', 'lion', 'sgd'])
const schedule = z.enum(['constant', 'linear', 'cosine'])

/** How exact gradients become a step. */
const updateChoices = {
  optimizer: optimizer.nullable().default(null),
  /** How running means are kept. */
  optimizerStates: momentStates.nullable().default(null),
  /** Of `grass`: rows of a matrix that move at a time. */
  rowShare: z.number().positive().max(1).nullable().default(null),
  schedule: schedule.nullable().default(null),
  /** Share of the steps in which the learning rate rises. */
  warmUpShare: z.number().min(0).max(1).nullable().default(null),
  weightDecay: z.number().min(0).nullable().default(null),
  clipNorm: z.number().positive().nullable().default(null),
}

const probing = z.enum(probingKinds)
const directions = z.enum(probeDirectionKinds)
const stepRule = z.enum(probeUpdateKinds)
const moments = z.enum(probeMomentKinds)
const spectral = z.enum(spectralKinds)

/** How forward passes become a step. */
const probeChoices = {
  /** Where losses are measured. */
  probing: probing.nullable().default(null),
  /** Directions of a step that all rows share. */
  queries: z.int().min(1).max(1024).nullable().default(null),
  /** What directions are made of. */
  directions: directions.nullable().default(null),
  /** Share of the trained layers that a step moves. */
  layerShare: z.number().positive().max(1).nullable().default(null),
  stepRule: stepRule.nullable().default(null),
  /** Steps between two searches of how far layers should be from their start; 0 for never. */
  magnitudeEvery: count.nullable().default(null),
  /** Running means that steps follow. */
  moments: moments.nullable().default(null),
  /** How the steps of matrices are evened out over their singular directions. */
  spectral: spectral.nullable().default(null),
  /** What is trained on in place of the loss. */
  score: score.nullable().default(null),
}

/** What a person chose about training. Null: the preset, or the recipe, decides. */
export const choices = z.strictObject({
  preset,
  recipe: z.union([z.literal('auto'), recipeName]),
  /** Memory that training may take. */
  budgetBytes: bytes,
  steps: z.int().min(1).max(1_000_000).nullable(),
  batchSize: z.int().min(1).max(4096).nullable(),
  learningRate: z.number().positive().nullable(),
  /** Recipes of forward passes only. */
  perturbationScale: z.number().positive().nullable(),
  /** First and last trained layer, both included; `auto`: chosen by probing, before the first step. */
  layers: z.union([z.strictObject({ first: count, last: count }), z.literal('auto')]).nullable(),
  hasColumns: z.boolean().nullable(),
  evaluateEvery: z.int().min(1).nullable(),
  /** Evaluations without a better loss before the run stops; 0 for never. */
  patience: count.nullable(),
  features: z.enum(['cached', 'direct']).nullable(),
  /** Of products; null takes what the device is right and faster with. */
  precision: precision.nullable().default(null),
  seed: z.int().min(0).max(0xffffffff).nullable(),
  /** How what enters blocks is kept for exact gradients. */
  keptStates: keptStates.nullable().default(null),
  /** Of low-rank branches. */
  rank: z.int().min(1).max(1024).nullable().default(null),
  alpha: z.number().positive().nullable().default(null),
  /** Of block scales: zero points too. */
  hasZeroPoints: z.boolean().nullable().default(null),
  /** Of weights that are rounded to codes. */
  bits: z
    .union([z.literal(2), z.literal(4)])
    .nullable()
    .default(null),
  trainsGrid: z.boolean().nullable().default(null),
  /** How sharp the arctangent is that rounding is differentiated as. */
  softRounding: z.number().positive().nullable().default(null),
  /** Of the tokens, for gradients of weights and scales. */
  tokenShare: z.number().positive().max(1).nullable().default(null),
  /** Those that have low-rank branches, or weights that are rounded to codes. */
  linears: linears.nullable().default(null),
  /** Of low-rank branches: alpha over the root of the rank. */
  isRankStabilized: z.boolean().nullable().default(null),
  /** Vectors before every text. */
  promptTokens: z.int().min(1).max(1024).nullable().default(null),
  /** Text that these vectors begin as, one a token. */
  promptText: z.string().trim().min(1).max(10_000).nullable().default(null),
  ...updateChoices,
  ...probeChoices,
  /** The run at whose best state this one begins; null for the model as it is. */
  startRunId: runId.nullable().default(null),
  /** Text on which the model should stay as it was, and how much that counts beside the task. */
  keepBase: z
    .strictObject({ text: handle, weight: z.number().positive().max(1000) })
    .nullable()
    .default(null),
})

/** Every setting of a run, resolved. Null where the recipe has none such. */
export const runSettings = z.strictObject({
  recipe: recipeName,
  steps: count,
  batchSize: count,
  learningRate: z.number(),
  perturbationScale: z.number().nullable(),
  firstLayer: count,
  /** Included. */
  lastLayer: count,
  layerCount: count,
  hasColumns: z.boolean(),
  evaluateEvery: count,
  patience: count.nullable(),
  features: z.enum(['cached', 'direct']),
  precision,
  seed: count,
  maximumTokens: count.nullable(),
  keptStates: keptStates.nullable(),
  rank: count.nullable(),
  alpha: z.number().nullable(),
  hasZeroPoints: z.boolean().nullable(),
  bits: count.nullable(),
  trainsGrid: z.boolean().nullable(),
  softRounding: z.number().nullable(),
  tokenShare: z.number().nullable(),
  /** By their names in the file, with commas. */
  linears: z.string().nullable(),
  isRankStabilized: z.boolean().nullable(),
  promptTokens: count.nullable(),
  optimizer: optimizer.nullable(),
  optimizerStates: momentStates.nullable(),
  rowShare: z.number().nullable(),
  schedule: schedule.nullable(),
  warmUpShare: z.number().nullable(),
  weightDecay: z.number().nullable(),
  clipNorm: z.number().nullable(),
  probing: probing.nullable(),
  queries: count.nullable(),
  /** Null where they can only be of one kind. */
  directions: directions.nullable(),
  layerShare: z.number().nullable(),
  stepRule: stepRule.nullable(),
  moments: moments.nullable(),
  /** Null where no matrices move. */
  spectral: spectral.nullable(),
  magnitudeEvery: count.nullable(),
  /** What it was trained on in place of the loss. */
  score: scoreForm.nullable(),
  /** Where it began, if at the state of an earlier run. */
  startRecipe: recipeName.nullable(),
  startStep: count.nullable(),
  /** Name of the file of the text that the model stays as it was on. */
  keepText: z.string().nullable(),
  keepWeight: z.number().nullable(),
})

export type Preset = z.infer<typeof preset>
export type Choices = z.infer<typeof choices>
export type RunSettings = z.infer<typeof runSettings>
