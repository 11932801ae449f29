import { z } from 'zod'
import { deviceNames } from '../../core/schema/device-name.js'
import { memoryPlan as plannedMemory } from '../../core/schema/memory-plan.js'
import { choices, preset, recipeName, runSettings } from './choices.js'
import { bytes, count, milliseconds, nothing, taskId } from './names.js'
import { selection } from './selection.js'

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
          /** Why it is not there, as `core/schema/device-problems.ts` or the runtime says it; null where it is. */
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

export type { MemoryItemName as MemoryItem } from '../../core/schema/memory-plan.js'
export type MemoryPlan = z.infer<typeof memoryPlan>
export type RecipeReason = z.infer<typeof recipeReason>
export type TimeEstimate = z.infer<typeof timeEstimate>
export type TrainingPlan = z.infer<typeof trainingPlan>
export type DryRun = z.infer<typeof dryRun>
