import { llama, type Architecture } from './architecture.js'

/** Qwen 2 and 2.5: llama with biases on queries, keys and values. Source: Yang et al. 2024, arXiv:2407.10671. */
export const qwen2: Architecture = { ...llama, name: 'qwen2', ropeLayout: 'halves' }

/** Qwen 3: no biases; the queries and keys of each head are normed. Source: Yang et al. 2025, arXiv:2505.09388. */
export const qwen3: Architecture = {
  ...qwen2,
  name: 'qwen3',
  norms: ['attn_norm', 'attn_q_norm', 'attn_k_norm', 'ffn_norm'],
}
