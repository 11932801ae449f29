import { z } from 'zod'
import { deviceNames } from './device-name.js'
import { featureFormat } from './feature-format.js'
import { layerChoice } from './layer-choice.js'
import { precision } from './precision.js'
import { recipe, recipeName } from './recipe.js'
import { everyRow, rowSelection } from './row-selection.js'
import { score } from './score.js'
import { task } from './task.js'

/** Version of the job that this program writes and reads. */
export const jobVersion = 2

/** The state of an earlier run, and what carrying it over rounded. */
const earlierRun = z.strictObject({
  recipe: recipeName,
  step: z.int().min(0),
  stateSha256: z.string(),
  /** Largest change of a logarithm of a factor. */
  largestRounding: z.number().min(0),
})

/** Low-rank branches that make good what quantization lost of this model. */
const originalModel = z.strictObject({ original: z.string(), stateSha256: z.string() })

/** Low-rank branches that begin as those of a GGUF LoRA file. */
const loraFile = z.strictObject({ lora: z.string(), stateSha256: z.string() })

const currentJob = z.strictObject({
  version: z.literal(jobVersion),
  /** When the run was planned; chat templates may show the date. */
  date: z.iso.datetime(),
  model: z.strictObject({ path: z.string(), sha256: z.string(), byteLength: z.int() }),
  data: z.strictObject({
    path: z.string(),
    sha256: z.string(),
    /** Null where dev rows are split off the data file. */
    dev: z.strictObject({ path: z.string(), sha256: z.string() }).nullable(),
    /** Lines of the dev rows where they are split off; empty otherwise. */
    devLines: z.array(z.int()),
    /** Use the first rows only; null for all. */
    limit: z.int().positive().nullable(),
    skipBadRows: z.boolean(),
    /** Rows of more tokens cannot be used; null for the model's context. */
    maximumTokens: z.int().min(2).nullable().default(null),
    /** Which rows are used, and for what. */
    selection: rowSelection.default(everyRow),
    /** Lines of the rows that the run never looks at. */
    testLines: z.array(z.int()).default([]),
    /** Lines of the rows that stand in front of every prompt. */
    shotLines: z.array(z.int()).default([]),
    /** Of the training file: the task is suggested for files that have the same. Empty in jobs that did not note them. */
    columns: z.array(z.string()).default([]),
  }),
  task,
  recipe,
  /** Why the recipe's layers are these, where probing chose them; null where they were chosen before. */
  layerChoice: layerChoice.nullable().default(null),
  /** What is trained on in place of the task's loss; every loss of the run is then 1 − score. Null for the loss. */
  score: score.nullable().default(null),
  /** Where the run begins; null for the model as it is. */
  start: z.union([earlierRun, originalModel, loraFile]).nullable().default(null),
  steps: z.int().min(1),
  batchSize: z.int().min(1),
  seed: z.int().min(0).max(0xffffffff),
  /** Steps between evaluations. */
  evaluateEvery: z.int().min(1),
  /** Evaluations without a better loss before the run stops; null for never. */
  patience: z.int().min(1).nullable(),
  /** Tokens, padding included, of one run of a block at most. Part of the job: it decides the last bits of a loss. */
  tokensPerRun: z.int().min(1),
  /**
   * Text on which the model should stay as its base is: `weight` times KL(base ‖ model), the mean over chosen tokens, is added
   * to the loss. Null for none.
   */
  keepBase: z
    .strictObject({ path: z.string(), sha256: z.string(), weight: z.number().positive() })
    .nullable()
    .default(null),
  /**
   * How what enters each block is kept for exact gradients: in 4, 2.1 or 1.1 bytes a number, or in a file. Part of the job:
   * rounding it changes gradients, of SmolLM2 on SST-2 by 1e-4 (int16) or 3e-2 (int8) of their size.
   */
  keptStates: z.enum(['float32', 'int16', 'int8', 'file']).default('float32'),
  /** The run stops, with everything kept, when the process holds more; null for jobs that never had a budget. */
  budgetBytes: z.int().positive().nullable(),
  /** What the run began on: another device computes other last bits of a loss. */
  device: z.enum(deviceNames).default('cpu'),
  /**
   * Processor threads of the device that the run began on. Part of the job: how a sum is shared out decides the last bits of
   * a gradient. Null for jobs that did not say.
   */
  threads: z.int().min(1).nullable().default(null),
  /** Layers 0 … this − 1 run on the processor, since the device's memory does not hold all: other last bits than there. */
  processorLayers: z.int().min(0).default(0),
  /** Of the products with the matrices of blocks. With float16, gradients are scaled on their way through them. */
  precision: precision.default('float32'),
  /** Layers 0 … this − 1 are read from the file each time they are needed, since not all fit. Changes no result. */
  streamedLayers: z.int().min(0).default(0),
  /** In what numbers a feature cache keeps them; fewer bits than 32 change losses a little, in every pass alike. */
  featureFormat: featureFormat.default('float32'),
  /** `cached`: hidden states that enter the first trained layer are kept in a file; `direct`: computed each time. */
  features: z.enum(['cached', 'direct']),
})

/** Everything that decides a run, beside the bytes of the model and the data. Jobs of version 1 are read as well. */
export const trainJob = z.preprocess(fromVersion1, currentJob)

export type TrainJob = z.infer<typeof trainJob>

/** Version 1 knew forward passes only, which no recipe said, and no budget. */
function fromVersion1(value: unknown): unknown {
  const old = z.looseObject({ version: z.literal(1), recipe: z.looseObject({}) }).safeParse(value)
  if (!old.success) return value
  return {
    ...old.data,
    version: jobVersion,
    budgetBytes: null,
    recipe: { ...old.data.recipe, estimator: 'probes' },
  }
}
