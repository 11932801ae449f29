import type { FolderConfig } from './config-schema.js'

/** Numbers of a GGUF file under the architecture's prefix; null or undefined for what it does not have. */
export type FamilySettings = Readonly<Record<string, number | null | undefined>>

/** How a family of models in Hugging Face's form is one of GGUF's. */
export interface FolderFamily {
  /** `general.architecture` of GGUF. */
  readonly architecture: string
  /** Whether GGUF keeps the rows of queries and keys in another order: neighbours rotate together. */
  readonly hasPermutedHeads: boolean
  /** Whether weights of norms are kept as their distance from 1. */
  readonly hasNormsFromOne: boolean
  /** Whether the norm after attention is one of its own, and not that before the feed-forward part. */
  readonly hasNormsAfterParts: boolean
  readonly settings: (config: FolderConfig) => FamilySettings
}

const plain = (architecture: string, options: Partial<FolderFamily> = {}): FolderFamily => ({
  architecture,
  hasPermutedHeads: false,
  hasNormsFromOne: false,
  hasNormsAfterParts: false,
  settings: () => ({}),
  ...options,
})

const window = ({ sliding_window }: FolderConfig): FamilySettings => ({
  'attention.sliding_window': sliding_window,
})

/** A window that only some configurations turn on. */
const optionalWindow = (config: FolderConfig): FamilySettings =>
  config.use_sliding_window === true ? window(config) : {}

const gemma = (architecture: string): FolderFamily =>
  plain(architecture, {
    hasNormsFromOne: true,
    hasNormsAfterParts: true,
    settings: (config) => ({
      ...window(config),
      'attention.scale':
        config.query_pre_attn_scalar == null ? null : 1 / Math.sqrt(config.query_pre_attn_scalar),
      attn_logit_softcapping: config.attn_logit_softcapping,
      final_logit_softcapping: config.final_logit_softcapping,
      'rope.freq_base_swa':
        config.rope_parameters?.sliding_attention?.rope_theta ?? config.rope_local_base_freq,
    }),
  })

/** By `model_type` of config.json. Source: llama.cpp, convert_hf_to_gguf.py. */
export const families: ReadonlyMap<string, FolderFamily> = new Map([
  ['llama', plain('llama', { hasPermutedHeads: true })],
  ['mistral', plain('llama', { hasPermutedHeads: true })],
  ['smollm3', plain('smollm3', { hasPermutedHeads: true, settings: optionalWindow })],
  ['qwen2', plain('qwen2', { settings: optionalWindow })],
  ['qwen3', plain('qwen3', { settings: optionalWindow })],
  ['gemma2', gemma('gemma2')],
  ['gemma3_text', gemma('gemma3')],
  ['phi3', plain('phi3', { settings: window })],
  ['olmo2', plain('olmo2', { hasNormsAfterParts: true })],
  ['olmo3', plain('olmo2', { hasNormsAfterParts: true, settings: window })],
  [
    'granite',
    plain('granite', {
      hasPermutedHeads: true,
      settings: (config) => ({
        embedding_scale: config.embedding_multiplier,
        'attention.scale': config.attention_multiplier,
        residual_scale: config.residual_multiplier,
        logit_scale: config.logits_scaling,
      }),
    }),
  ],
  ['stablelm', plain('stablelm')],
])
