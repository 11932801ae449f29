import { llama, type Architecture } from './architecture.js'

/**
 * Phi 3, 3.5 and 4 mini: queries, keys and values in one tensor, gate and up in another; a window in some sizes; frequency
 * factors for short and for long sequences. Source: Abdin et al. 2024, arXiv:2404.14219.
 */
export const phi3: Architecture = {
  ...llama,
  name: 'phi3',
  ropeLayout: 'halves',
  fused: [
    { name: 'attn_qkv', linears: ['attn_q', 'attn_k', 'attn_v'] },
    { name: 'ffn_up', linears: ['ffn_gate', 'ffn_up'] },
  ],
  settings: (metadata) => ({
    window: metadata.count('attention.sliding_window'),
    layerRule: () => ({ sees: 'window', rope: 'global' }),
  }),
}
