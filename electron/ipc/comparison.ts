import { z } from 'zod'
import { evaluationFigures } from '../../core/schema/events.js'
import { chosenStep, count, nothing, runId, taskId } from './names.js'
import { change } from './runs.js'

const share = z.number().min(0).max(1)

/** One side of a comparison. */
export const sideFigures = z.strictObject({
  ...evaluationFigures.shape,
  /** 95 % interval of the accuracy (Wilson); null for text. */
  accuracyLow: share.nullable(),
  accuracyHigh: share.nullable(),
})

/** Whether two models differ on the same rows. `pValue` is null where there is nothing to test. */
export const pairedTest = z.discriminatedUnion('kind', [
  /** Exact McNemar test on the rows that only one side gets right. */
  z.strictObject({
    kind: z.literal('mcnemar'),
    fixedCount: count,
    brokenCount: count,
    pValue: share.nullable(),
  }),
  /** Sign-flip permutation test on the differences of the rows' losses. */
  z.strictObject({ kind: z.literal('permutation'), pValue: share.nullable() }),
])

/** A held-out row, judged by both. `change`: what happened to its answer. */
export const comparedRow = z.strictObject({
  line: count,
  /** What the model was given; shortened. */
  prompt: z.string(),
  expected: z.string(),
  /** Label that each side chose; null where the task has no labels. */
  baseLabel: z.string().nullable(),
  adaptedLabel: z.string().nullable(),
  baseLoss: z.number(),
  adaptedLoss: z.number(),
  change: z.enum(['fixed', 'broken', 'still-right', 'still-wrong']),
})

export const comparison = z.strictObject({
  runId,
  step: count,
  rows: count,
  /** What a loss is a mean over: a label or a pair, or the tokens of an answer or a text. */
  lossPer: z.enum(['row', 'token']),
  base: sideFigures,
  adapted: sideFigures,
  /** Adapted − base of the sides' losses, paired by row. */
  lossChange: change,
  accuracyChange: change.nullable(),
  test: pairedTest,
  lossTest: pairedTest,
  /** Rows by true label, columns by chosen label; null where the task has no labels. */
  confusion: z
    .strictObject({
      labels: z.array(z.string()),
      base: z.array(z.array(count)),
      adapted: z.array(z.array(count)),
    })
    .nullable(),
  counts: z.strictObject({ fixed: count, broken: count, stillRight: count, stillWrong: count }),
})

/** Which states of a run can be looked at. */
export const comparableSteps = z.strictObject({
  lastStep: count,
  bestStep: count.nullable(),
  /** `any`: every step can be replayed; otherwise these only. */
  steps: z.union([z.literal('any'), z.array(count)]),
})

const state = { runId, step: chosenStep }

export const sampling = z.strictObject({
  /** 0: always the most likely token. */
  temperature: z.number().min(0).max(5),
  topP: z.number().gt(0).max(1),
  seed: z.int().min(0).max(0xffffffff),
  maximumTokens: z.int().min(1).max(4096),
})

const side = z.enum(['base', 'adapted'])
const generated = z.strictObject({
  text: z.string(),
  tokenCount: count,
  reason: z.enum(['end-token', 'stop-text', 'length', 'context', 'stopped']),
})

export const comparisonRequests = {
  'compare.steps': { answeredBy: 'engine', input: z.strictObject({ runId }), output: comparableSteps },
  /** Scores all held-out rows with both. Known results come back at once. */
  'compare.evaluate': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, ...state }),
    output: comparison,
  },
  /** Rows of the last `compare.evaluate` of this state; those whose loss changed most first. */
  'compare.rows': {
    answeredBy: 'engine',
    input: z.strictObject({
      ...state,
      only: z.enum(['all', 'changed', 'fixed', 'broken', 'still-right', 'still-wrong']),
      offset: count,
      count: z.int().min(1).max(500),
    }),
    output: z.strictObject({ offset: count, total: count, rows: z.array(comparedRow) }),
  },
  /** How a text becomes a prompt: the model's own chat template, or the text as it is. */
  'chat.describe': {
    answeredBy: 'engine',
    input: z.strictObject({ runId }),
    output: z.strictObject({
      hasTemplate: z.boolean(),
      /** Whether the run was trained on conversations: then a prompt is best put as one. */
      prefersChat: z.boolean(),
      examplePrompt: z.string(),
      contextLength: count,
    }),
  },
  /** Both sides answer the same prompt with the same seed, one after the other; text comes by 'chat.text'. */
  'chat.generate': {
    answeredBy: 'engine',
    input: z.strictObject({
      taskId,
      ...state,
      /** The conversation so far, the person's last turn included; each side keeps its own answers. */
      turns: z
        .array(
          z.strictObject({
            user: z.string().max(100_000),
            base: z.string().max(100_000).nullable(),
            adapted: z.string().max(100_000).nullable(),
          }),
        )
        .min(1)
        .max(200),
      system: z.string().max(100_000).nullable(),
      /** False: the last text as it is, without a template. */
      isChat: z.boolean(),
      sampling,
    }),
    output: z.strictObject({ base: generated, adapted: generated }),
  },
  /** Ends `chat.generate` early; it answers with what there is. */
  'chat.stop': { answeredBy: 'engine', input: z.strictObject({ taskId }), output: nothing },
} as const

export const comparisonEvents = {
  /** The next piece of an answer; append it. */
  'chat.text': z.strictObject({ taskId, side, text: z.string() }),
} as const

export type SideFigures = z.infer<typeof sideFigures>
export type PairedTest = z.infer<typeof pairedTest>
export type ComparedRow = z.infer<typeof comparedRow>
export type Comparison = z.infer<typeof comparison>
export type ComparableSteps = z.infer<typeof comparableSteps>
export type Sampling = z.infer<typeof sampling>
export type Generated = z.infer<typeof generated>
