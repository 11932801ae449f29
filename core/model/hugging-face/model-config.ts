import { z } from 'zod'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { EngineError } from '../../schema/engine-error.js'

/** How a family of models in Hugging Face's form is one of GGUF's. */
export interface FolderFamily {
  /** `general.architecture` of GGUF. */
  readonly architecture: string
  /** Whether GGUF keeps the rows of queries and keys in another order: neighbours rotate together. */
  readonly hasPermutedHeads: boolean
}

const permuted = (architecture: string): FolderFamily => ({ architecture, hasPermutedHeads: true })
const plain = (architecture: string): FolderFamily => ({ architecture, hasPermutedHeads: false })

/** By `model_type` of config.json. Source: llama.cpp, convert_hf_to_gguf.py. */
const families: ReadonlyMap<string, FolderFamily> = new Map([
  ['llama', permuted('llama')],
  ['mistral', permuted('llama')],
  ['smollm3', permuted('smollm3')],
  ['qwen2', plain('qwen2')],
  ['qwen3', plain('qwen3')],
])

const positive = z.number().positive()
const size = z
  .int()
  .positive()
  .max(2 ** 26)
const ropeSchema = z.object({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: positive.optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: size.optional(),
})

/** What we take from config.json. */
const configSchema = z.object({
  model_type: z.string(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size.max(4096),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  rms_norm_eps: positive,
  rope_theta: positive.nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  vocab_size: size,
  no_rope_layers: z.array(z.number()).nullish(),
  quantization_config: z.looseObject({ quant_method: z.string() }).nullish(),
})
export type FolderConfig = z.infer<typeof configSchema>

/** A config.json, and the family of its model. */
export interface DescribedFolder {
  readonly config: FolderConfig
  readonly family: FolderFamily
  readonly headWidth: number
}

/**
 * Checks a config.json.
 *
 * @throws EngineError `model-malformed` naming the field, `model-unsupported` for another kind of model
 */
export function describeFolder(path: string, value: unknown): DescribedFolder {
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) {
    const [{ path: field, message }] = parsed.error.issues
    const where = field.join('.')
    throw new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${message}`)
  }
  const config = parsed.data
  const family = families.get(config.model_type)
  if (family === undefined) {
    const feature = `model type '${config.model_type}'`
    const message = `'${path}' has the ${feature}; supported are ${[...families.keys()].join(', ')}`
    throw new EngineError('model-unsupported', { path, feature }, message)
  }
  const headWidth = config.head_dim ?? Math.floor(config.hidden_size / config.num_attention_heads)
  return { config, family, headWidth }
}

/** The metadata that a GGUF file of the model would have, without its tokenizer. */
export function metadataOfConfig({ config, family, headWidth }: DescribedFolder): Map<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value })
  const float32 = (value: number): GgufValue => ({ type: 'float32', value: Math.fround(value) })
  const rope = config.rope_parameters ?? config.rope_scaling
  const entries: [string, GgufValue][] = [
    ['block_count', uint32(config.num_hidden_layers)],
    ['context_length', uint32(config.max_position_embeddings)],
    ['embedding_length', uint32(config.hidden_size)],
    ['feed_forward_length', uint32(config.intermediate_size)],
    ['attention.head_count', uint32(config.num_attention_heads)],
    ['attention.head_count_kv', uint32(config.num_key_value_heads ?? config.num_attention_heads)],
    ['attention.key_length', uint32(headWidth)],
    ['attention.value_length', uint32(headWidth)],
    ['attention.layer_norm_rms_epsilon', float32(config.rms_norm_eps)],
    ['rope.freq_base', float32(rope?.rope_theta ?? config.rope_theta ?? 10_000)],
    ['rope.dimension_count', uint32(headWidth)],
    ['vocab_size', uint32(config.vocab_size)],
  ]
  const type = ropeTypeOf(config)
  if (type === 'linear') {
    entries.push(['rope.scaling.type', { type: 'string', value: 'linear' }])
    entries.push(['rope.scaling.factor', float32(rope?.factor ?? 1)])
  } else if (type !== 'default' && type !== 'llama3') {
    // Named, so that whoever describes the model can refuse it by its name.
    entries.push(['rope.scaling.type', { type: 'string', value: type }])
  }
  const prefixed = entries.map(([key, value]): [string, GgufValue] => [
    `${family.architecture}.${key}`,
    value,
  ])
  return new Map([['general.architecture', { type: 'string', value: family.architecture }], ...prefixed])
}

function ropeTypeOf({ rope_parameters, rope_scaling }: FolderConfig): string {
  const rope = rope_parameters ?? rope_scaling
  return rope?.rope_type ?? rope?.type ?? 'default'
}

/** What divides each pair's rope frequency; null where nothing does. */
export function frequencyFactors({ config, headWidth }: DescribedFolder): Float32Array | null {
  const rope = config.rope_parameters ?? config.rope_scaling
  if (ropeTypeOf(config) !== 'llama3' || !rope) return null
  const { factor = 8, low_freq_factor: low = 1, high_freq_factor: high = 4 } = rope
  const length = rope.original_max_position_embeddings ?? 8192
  const base = rope.rope_theta ?? config.rope_theta ?? 10_000
  return llama3Factors({ factor, low, high, length }, base, headWidth)
}

/** Llama 3's scaling of positions. */
export interface Llama3Scaling {
  readonly factor: number
  readonly low: number
  readonly high: number
  /** Context length before it was scaled. */
  readonly length: number
}

/**
 * Frequencies of long waves are divided by the factor, those of short ones stay, and between they go smoothly over.
 *
 * Source: Hugging Face transformers, modeling_rope_utils.py, "llama3".
 *
 * @returns shape [headWidth / 2]
 */
export function llama3Factors(
  { factor, low, high, length }: Llama3Scaling,
  base: number,
  headWidth: number,
): Float32Array {
  return Float32Array.from({ length: headWidth / 2 }, (_, pair) => {
    const wave = 2 * Math.PI * base ** ((2 * pair) / headWidth)
    if (wave < length / high) return 1
    if (wave > length / low) return factor
    const smooth = (length / wave - low) / (high - low)
    return 1 / ((1 - smooth) / factor + smooth)
  })
}
