import { z } from 'zod'
import { keptFailure } from './errors.js'

const count = z.int().nonnegative()

/** Rotary position embedding as a person reads it. */
const ropeSummary = z.strictObject({
  base: z.number(),
  dimensions: count,
  scaling: z.enum(['none', 'linear', 'frequency-factors']),
  positionScale: z.number(),
})

/** All tensors of one type. */
const tensorTypeSummary = z.strictObject({
  type: z.string(),
  /** Whether this version can read it. */
  isSupported: z.boolean(),
  tensorCount: count,
  parameterCount: count,
  bytes: count,
})

/** How a quantizer packed the linears of a safetensors folder. */
const packingSummary = z.strictObject({
  method: z.enum(['gptq', 'awq']),
  bits: count,
  /** Matrices that are read as half floats, because their groups or zero points fit into no block. */
  roundedTensorCount: count,
})

/** Whether one recipe can train the model; `reason` says why not. */
const recipeSummary = z.strictObject({
  recipe: z.enum(['qzo-rows', 'qzo', 'qzo-paper']),
  canTrain: z.boolean(),
  reason: z.string().nullable(),
})

/**
 * What a person wants to know about a model file before using it. Null stands for what the file does not say. Sizes are also
 * given for models that this version cannot run.
 */
export const modelSummarySchema = z.strictObject({
  path: z.string(),
  fileBytes: count,
  format: z.enum(['gguf', 'safetensors', 'onnx']),
  /** Of GGUF; null for other formats. */
  formatVersion: count.nullable(),
  name: z.string().nullable(),
  architecture: z.string().nullable(),
  licence: z.string().nullable(),
  parameterCount: count,
  layerCount: count.nullable(),
  width: count.nullable(),
  feedForwardWidth: count.nullable(),
  headCount: count.nullable(),
  kvHeadCount: count.nullable(),
  headWidth: count.nullable(),
  contextLength: count.nullable(),
  vocabularySize: count.nullable(),
  /** Null where the model cannot be run. */
  rope: ropeSummary.nullable(),
  isOutputTied: z.boolean(),
  tensorTypes: z.array(tensorTypeSummary),
  /** What a graph without text takes and gives, such as `latent F32 [batch, 16]`; left out for models of text. */
  tensors: z.strictObject({ inputs: z.array(z.string()), outputs: z.array(z.string()) }).optional(),
  /** Null where nothing was packed by a quantizer. */
  packing: packingSummary.nullable(),
  tokenizer: z.strictObject({ model: z.string().nullable(), pre: z.string().nullable() }),
  hasChatTemplate: z.boolean(),
  /** Whether some recipe can train it; `reason` says why not, and `failure` the same for hosts with words of their own. */
  canTrain: z.boolean(),
  reason: z.string().nullable(),
  failure: keptFailure.nullable(),
  recipes: z.array(recipeSummary),
})

export type ModelSummary = z.infer<typeof modelSummarySchema>
