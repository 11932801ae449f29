import {
  lastSeesAll,
  llama,
  type Architecture,
  type ArchitectureMetadata,
  type ArchitectureSettings,
  type ArchitectureSizes,
} from './architecture.js'

/** Norms before and after each part, a gate of gelu, and embeddings that grow with the width. */
const gemma: Omit<Architecture, 'name' | 'settings'> = {
  ...llama,
  ropeLayout: 'halves',
  norms: ['attn_norm', 'post_attention_norm', 'ffn_norm', 'post_ffw_norm'],
  activation: 'gelu',
}

/** The largest models, known by their layers, divide scores by the root of width / heads. Source: llama.cpp, src/llama-model.cpp. */
function sharedSettings(
  metadata: ArchitectureMetadata,
  { layerCount, width, headCount, headWidth }: ArchitectureSizes,
  largestLayerCount: number,
): ArchitectureSettings {
  const divisor = layerCount === largestLayerCount ? width / headCount : headWidth
  return {
    embeddingScale: Math.fround(Math.sqrt(width)),
    attentionScale: metadata.positive('attention.scale', 1 / Math.sqrt(divisor)),
    window: metadata.count('attention.sliding_window'),
  }
}

/** Gemma 2: every other layer sees a window; scores and logits are capped. Source: Gemma Team 2024, arXiv:2408.00118. */
export const gemma2: Architecture = {
  ...gemma,
  name: 'gemma2',
  settings: (metadata, sizes) => ({
    ...sharedSettings(metadata, sizes, 46),
    attentionSoftCap: metadata.positive('attn_logit_softcapping', 50),
    logitSoftCap: metadata.positive('final_logit_softcapping', 30),
    layerRule: lastSeesAll(2),
  }),
}

/**
 * Gemma 3, its text part: five layers of six see a window and rotate by a base of their own; norms on queries and keys take the
 * place of the cap on scores. Source: Gemma Team 2025, arXiv:2503.19786.
 */
export const gemma3: Architecture = {
  ...gemma,
  name: 'gemma3',
  norms: ['attn_norm', 'attn_q_norm', 'attn_k_norm', 'post_attention_norm', 'ffn_norm', 'post_ffw_norm'],
  settings: (metadata, sizes) => {
    const cap = metadata.positive('final_logit_softcapping', Infinity)
    return {
      ...sharedSettings(metadata, sizes, 62),
      logitSoftCap: cap === Infinity ? null : cap,
      layerRule: lastSeesAll(metadata.count('attention.sliding_window_pattern') ?? 6, 'local'),
      localRope: { base: metadata.positive('rope.freq_base_swa', 10_000), positionScale: 1 },
    }
  },
}
