import { z } from 'zod'
import { deviceNames } from '../../core/schema/device-name.js'
import { memoryPlan as plannedMemory } from '../../core/schema/memory-plan.js'
import { recipeName as recipeNames } from '../../core/schema/recipe.js'
import { bytes, count, handle, milliseconds, nothing, runId, taskId } from './names.js'
import { selection } from './selection.js'

export const preset = z.enum(['quick', 'balanced', 'careful'])
export const recipeName = recipeNames
const keptStates = z.enum(['float32', 'int16', 'int8', 'file'])

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
  /** First and last trained layer, both included. */
  layers: z.strictObject({ first: count, last: count }).nullable(),
  hasColumns: z.boolean().nullable(),
  evaluateEvery: z.int().min(1).nullable(),
  /** Evaluations without a better loss before the run stops; 0 for never. */
  patience: count.nullable(),
  features: z.enum(['cached', 'direct']).nullable(),
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
  seed: count,
  maximumTokens: count.nullable(),
  keptStates: keptStates.nullable(),
  rank: count.nullable(),
  alpha: z.number().nullable(),
  hasZeroPoints: z.boolean().nullable(),
  bits: count.nullable(),
  trainsGrid: z.boolean().nullable(),
  /** Where it began, if at the state of an earlier run. */
  startRecipe: recipeName.nullable(),
  startStep: count.nullable(),
  /** Name of the file of the text that the model stays as it was on. */
  keepText: z.string().nullable(),
  keepWeight: z.number().nullable(),
})

/** What a job will hold, against its budget. */
export const memoryPlan = plannedMemory.extend({
  budgetBytes: bytes,
  verdict: z.enum(['fits', 'tight', 'exceeds']),
})

/** Why this recipe. */
export const recipeReason = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('chosen') }),
  z.strictObject({ code: z.literal('exact-fits'), neededBytes: bytes }),
  /** On the upper layers, as many as fit: on all, exact gradients would need `neededBytes`. */
  z.strictObject({ code: z.literal('exact-on-upper-layers'), neededBytes: bytes, budgetBytes: bytes }),
  z.strictObject({ code: z.literal('exact-exceeds-budget'), neededBytes: bytes, budgetBytes: bytes }),
  /** A probe size was given, which only forward passes have. */
  z.strictObject({ code: z.literal('asks-for-probes') }),
])

/** A time that comes from arithmetic, or from measured steps. */
export const timeEstimate = z.strictObject({
  stepMs: milliseconds,
  totalMs: milliseconds,
  isMeasured: z.boolean(),
})

export const trainingPlan = z.strictObject({
  settings: runSettings,
  reason: recipeReason,
  trainedNumbers: count,
  trainRows: count,
  devRows: count,
  memory: memoryPlan,
  /** Null until steps of this model were measured on this machine. */
  time: timeEstimate.nullable(),
  /** The same for each preset, with everything else as chosen. */
  presets: z.array(
    z.strictObject({
      preset,
      recipe: recipeName,
      steps: count,
      /** Times that each training row is seen, on average. */
      passesOverRows: z.number(),
      time: timeEstimate.nullable(),
    }),
  ),
  notices: z.array(z.string()),
})

export const dryRun = z.strictObject({
  /** Of a step, on average over all batches. */
  stepMs: milliseconds,
  /** Of a step on the longest batch. */
  longestStepMs: milliseconds,
  /** Of the hidden states that are computed once, before the first step. */
  featuresMs: milliseconds,
  /** One evaluation of all held-out rows. */
  evaluationMs: milliseconds,
  totalMs: milliseconds,
  peakBytes: bytes,
  /** Of the batch that was measured: the longest one. */
  longestTokens: count,
  memory: memoryPlan,
})

export const planRequests = {
  'plan.make': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, selection, choices }),
    output: trainingPlan,
  },
  /** Takes two steps on the longest batch and two on the shortest, and throws them away. */
  'plan.dryRun': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, selection, choices }),
    output: dryRun,
  },
  /** Which devices there are, and the one that is used; looking takes a moment. */
  'device.list': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({
      chosen: z.enum(deviceNames),
      devices: z.array(
        z.strictObject({
          name: z.enum(deviceNames),
          /** As the system calls it; null where it is not there. */
          adapter: z.string().nullable(),
          /** In English, why it is not there; null where it is. */
          reason: z.string().nullable(),
          /** It computes on the processor, more slowly than the processor itself. */
          isSoftware: z.boolean(),
        }),
      ),
    }),
  },
  /** What this machine has to train with. */
  'device.describe': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({
      name: z.string(),
      threads: count,
      coreCount: count,
      memoryBytes: bytes,
      freeBytes: bytes,
      defaultBudgetBytes: bytes,
      largestBudgetBytes: bytes,
    }),
  },
} as const

export type Preset = z.infer<typeof preset>
export type Choices = z.infer<typeof choices>
export type RunSettings = z.infer<typeof runSettings>
export type { MemoryItemName as MemoryItem } from '../../core/schema/memory-plan.js'
export type MemoryPlan = z.infer<typeof memoryPlan>
export type RecipeReason = z.infer<typeof recipeReason>
export type TimeEstimate = z.infer<typeof timeEstimate>
export type TrainingPlan = z.infer<typeof trainingPlan>
export type DryRun = z.infer<typeof dryRun>
