import { lastSeesAll, llama, type Architecture } from './architecture.js'

/**
 * OLMo 2 and 3: norms after attention and feed-forward part instead of before, and over all queries (and keys) of a token.
 * OLMo 3 sees a window in three layers of four, which rotate without scaling. Source: OLMo Team 2025, arXiv:2501.00656.
 */
export const olmo2: Architecture = {
  ...llama,
  name: 'olmo2',
  ropeLayout: 'halves',
  norms: ['attn_q_norm', 'attn_k_norm', 'post_attention_norm', 'post_ffw_norm'],
  queryKeyNorm: 'token',
  settings: (metadata) => ({
    window: metadata.count('attention.sliding_window'),
    layerRule: lastSeesAll(4, 'local'),
    localRope: { positionScale: 1, frequencyFactors: null, magnitude: 1 },
  }),
}
