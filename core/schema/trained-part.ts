import { z } from 'zod'

/** The linears of a block by their names in a file; each once, in the order of the block. */
export const linears = z
  .array(z.enum(['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down']))
  .min(1)

/** Bits of the codes that master weights are rounded to. */
export const codeBits = z.union([z.literal(4), z.literal(2)])

/** A low-rank branch beside linears; no part of the base model's file. */
export const lowRankPart = z.strictObject({
  kind: z.literal('low-rank'),
  rank: z.int().min(1).max(1024),
  alpha: z.number().positive(),
  /** Whether the branch is scaled by alpha / √rank, and not by alpha / rank. */
  isRankStabilized: z.boolean(),
  linears,
  /** Of the random start of the branches. */
  seed: z.int().min(0).max(0xffffffff),
})

/** A kind of numbers that exact gradients move; a recipe may have several, each once. */
export const trainedPart = z.discriminatedUnion('kind', [
  /** A factor on each output of each linear, and on each block of its inputs: they fold exactly into the scales of the file. */
  z.strictObject({ kind: z.literal('factors'), hasColumns: z.boolean() }),
  /** A factor on the scale of each block of quantized linears. */
  z.strictObject({ kind: z.literal('scales') }),
  /** The zero point of each block, where the file's type keeps one. */
  z.strictObject({ kind: z.literal('zero-points') }),
  /** A factor on the weight of each norm of a block. */
  z.strictObject({ kind: z.literal('norms') }),
  /** A change of each bias that the file has. */
  z.strictObject({ kind: z.literal('biases') }),
  lowRankPart,
  /** Vectors before every text, which begin as the embeddings of these tokens. */
  z.strictObject({ kind: z.literal('soft-prompt'), tokens: z.array(z.int().min(0)).min(1).max(1024) }),
  /** Weights in floats that are rounded to codes for every pass, for linears of a 4-bit type. */
  z.strictObject({
    kind: z.literal('master-weights'),
    bits: codeBits,
    linears,
    /** Whether each block's scale and zero point are trained too, or stay as they are. */
    trainsGrid: z.boolean(),
    /** How rounding is differentiated: as if it were not there, or as an arctangent of this sharpness. */
    softRounding: z.number().positive().nullable(),
  }),
])
export type TrainedPartSettings = z.infer<typeof trainedPart>
export type LowRankSettings = TrainedPartSettings & { kind: 'low-rank' }
export type SoftPromptSettings = TrainedPartSettings & { kind: 'soft-prompt' }
export type MasterWeightSettings = TrainedPartSettings & { kind: 'master-weights' }
