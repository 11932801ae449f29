import { z } from 'zod'
import { endReason, evaluationFigures } from '../../core/schema/events.js'
import { bytes, count, keptFailure, milliseconds, nothing, runId, taskId, title } from './names.js'
import { choices, recipeName, runSettings } from './choices.js'
import { selection } from './selection.js'

/** Most steps of a history; longer ones are thinned. */
export const mostHistoryPoints = 2000

/** `interrupted`: its process ended without a word; everything up to `step` is kept. */
export const runState = z.enum([
  'preparing',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'done',
  'failed',
  'interrupted',
])

/** Change of a mean with its 95 % interval; null bounds where there are too few rows to say. */
export const change = z.strictObject({
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})

export const runSummary = z.strictObject({
  runId,
  name: z.string(),
  note: z.string(),
  state: runState,
  createdAt: z.iso.datetime(),
  modelName: z.string(),
  dataName: z.string(),
  taskKind: z.enum(['labels', 'answer', 'preference', 'text', 'chat', 'tensors']),
  recipe: recipeName,
  step: count,
  steps: count,
  /** Null before the first evaluation. */
  bestStep: count.nullable(),
  before: evaluationFigures.nullable(),
  best: evaluationFigures.nullable(),
  /** Null until the run has ended. */
  endReason: endReason.nullable(),
  lossChange: change.nullable(),
  /** False where the interval of `lossChange` holds 0; null until the run has ended. */
  isMeasurable: z.boolean().nullable(),
  folderBytes: bytes,
  /** Why it failed or cannot be read. */
  failure: keptFailure.nullable(),
})

export const stepPoint = z.strictObject({
  step: count,
  loss: z.number(),
  smoothedLoss: z.number(),
  /** Standard deviation of the losses around the smoothed one: the noise band. */
  noise: z.number().min(0),
  /** Size of the (projected) gradient. */
  slope: z.number(),
})

export const evaluationPoint = z.strictObject({
  step: count,
  ...evaluationFigures.shape,
  /** 95 % interval of the accuracy; null for text. */
  accuracyLow: z.number().nullable(),
  accuracyHigh: z.number().nullable(),
  isBest: z.boolean(),
})

export const runHistory = z.strictObject({
  /** Evenly thinned to `mostHistoryPoints`; the last step is always among them. */
  steps: z.array(stepPoint),
  /** All of them, up to `mostHistoryPoints`; the first, the best and the last always. */
  evaluations: z.array(evaluationPoint),
})

/** Where a run is, beside its curves. */
export const runVitals = z.strictObject({
  activity: z.enum(['loading', 'features', 'evaluating', 'training', 'paused', 'closing', 'none']),
  /** Of features or an evaluation; null otherwise. */
  done: count.nullable(),
  total: count.nullable(),
  stepMs: milliseconds.nullable(),
  remainingMs: milliseconds.nullable(),
  residentBytes: bytes,
  peakBytes: bytes,
  budgetBytes: bytes.nullable(),
})

export const runDetails = z.strictObject({
  summary: runSummary,
  settings: runSettings,
  selectionNames: z.strictObject({ model: z.string(), train: z.string(), dev: z.string().nullable() }),
  trainedNumbers: count.nullable(),
  trainRows: count.nullable(),
  devRows: count.nullable(),
  history: runHistory,
  vitals: runVitals,
  notices: z.array(z.string()),
  location: z.string(),
})

const one = z.strictObject({ runId })

export const runRequests = {
  /** Refused with 'run-active' while another run goes. Answers as soon as the run has a folder. */
  'run.start': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, selection, choices, name: title.nullable() }),
    output: runSummary,
  },
  /** The run that this engine works on, or null. */
  'run.current': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ run: runDetails.nullable() }),
  },
  /** Stops between two steps and keeps the model loaded. */
  'run.pause': { answeredBy: 'engine', input: one, output: nothing },
  'run.unpause': { answeredBy: 'engine', input: one, output: nothing },
  /** Stops and keeps what was learned; `run.resume` goes on. Answers when the run is closed. */
  'run.stop': { answeredBy: 'engine', input: one, output: runSummary },
  /** Stops, and moves the run to the trash. */
  'run.discard': { answeredBy: 'engine', input: one, output: nothing },
  /** Goes on with a stopped or interrupted run. */
  'run.resume': { answeredBy: 'engine', input: one, output: runSummary },
  /** Newest first. */
  'run.list': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ runs: z.array(runSummary) }),
  },
  'run.get': { answeredBy: 'engine', input: one, output: runDetails },
  'run.rename': { answeredBy: 'engine', input: z.strictObject({ runId, name: title }), output: runSummary },
  'run.note': {
    answeredBy: 'engine',
    input: z.strictObject({ runId, note: z.string().max(10_000) }),
    output: runSummary,
  },
  /** Moves a run to the trash. Refused with 'run-active' while it goes. */
  'run.delete': { answeredBy: 'engine', input: one, output: nothing },
  /** Takes a run out of the trash again. */
  'run.restore': { answeredBy: 'engine', input: one, output: runSummary },
  /** Several runs side by side. */
  'run.compare': {
    answeredBy: 'engine',
    input: z.strictObject({ runIds: z.array(runId).min(2).max(6) }),
    output: z.strictObject({
      runs: z.array(z.strictObject({ summary: runSummary, settings: runSettings, history: runHistory })),
      /** The settings in which they differ. */
      differences: z.array(
        z.strictObject({
          setting: z.enum([...runSettings.keyof().options, 'model', 'train', 'dev', 'task']),
          /** One a run, in their order. */
          values: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
        }),
      ),
    }),
  },
} as const

export const runEvents = {
  /** The state, name or figures of a run changed. */
  'run.changed': runSummary,
  /** What the current run did since the last such event; at most five a second. */
  'run.progress': z.strictObject({
    runId,
    /** New steps, thinned where there are many. */
    steps: z.array(stepPoint),
    evaluations: z.array(evaluationPoint),
    vitals: runVitals,
    step: count,
    notices: z.array(z.string()),
  }),
} as const

export type RunState = z.infer<typeof runState>
export type Change = z.infer<typeof change>
export type RunSummary = z.infer<typeof runSummary>
export type StepPoint = z.infer<typeof stepPoint>
export type EvaluationPoint = z.infer<typeof evaluationPoint>
export type RunHistory = z.infer<typeof runHistory>
export type RunVitals = z.infer<typeof runVitals>
export type RunDetails = z.infer<typeof runDetails>
