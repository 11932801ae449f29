import { llama, type Architecture } from './architecture.js'

/**
 * Granite 3: llama with multipliers on embeddings, attention scores and residuals, and a divisor of logits.
 * Source: IBM Granite Team 2024, Granite 3.0 Language Models, after µP, Yang et al. 2022, arXiv:2203.03466.
 */
export const granite: Architecture = {
  ...llama,
  name: 'granite',
  settings: (metadata, { headWidth }) => ({
    embeddingScale: metadata.positive('embedding_scale', 1),
    attentionScale: metadata.positive('attention.scale', 1 / Math.sqrt(headWidth)),
    residualScale: metadata.positive('residual_scale', 1),
    logitScale: 1 / metadata.positive('logit_scale', 1),
  }),
}
