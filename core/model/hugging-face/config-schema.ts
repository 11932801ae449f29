import { z } from 'zod'

const positive = z.number().positive()
const size = z
  .int()
  .positive()
  .max(2 ** 26)

const oneRope = z.object({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: positive.optional(),
  partial_rotary_factor: positive.max(1).optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  attention_factor: positive.nullish(),
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  short_factor: z.array(positive).max(4096).optional(),
  long_factor: z.array(positive).max(4096).optional(),
  original_max_position_embeddings: size.optional(),
})
export type RopeConfig = z.infer<typeof oneRope>

/** One rope for all layers, or one for each kind of layer. */
const ropes = oneRope.extend({ full_attention: oneRope.optional(), sliding_attention: oneRope.optional() })

/** What we take from config.json. Source: the configurations of Hugging Face transformers 4 and 5. */
export const configSchema = z.object({
  model_type: z.string(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size.max(4096),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  original_max_position_embeddings: size.nullish(),
  rms_norm_eps: positive.nullish(),
  layer_norm_eps: positive.nullish(),
  rope_theta: positive.nullish(),
  rope_local_base_freq: positive.nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
  rope_scaling: ropes.nullish(),
  rope_parameters: ropes.nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  vocab_size: size,
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().nullish(),
  layer_types: z.array(z.string()).max(4096).nullish(),
  query_pre_attn_scalar: positive.nullish(),
  attn_logit_softcapping: positive.nullish(),
  final_logit_softcapping: positive.nullish(),
  embedding_multiplier: positive.nullish(),
  attention_multiplier: positive.nullish(),
  residual_multiplier: positive.nullish(),
  logits_scaling: positive.nullish(),
  no_rope_layers: z.array(z.number()).max(4096).nullish(),
  use_parallel_residual: z.boolean().nullish(),
  quantization_config: z.looseObject({}).nullish(),
})
export type FolderConfig = z.infer<typeof configSchema>
