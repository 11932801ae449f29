/**
 * Types that a whole model can be written in. `q4_k`, `q5_k` and `q6_k` are mixtures, as llama.cpp's Q4_K_M, Q5_K_M and Q6_K;
 * `q2_k` and `q3_k` have finer types in the same places, and Q6_K for the token tables.
 */
export const ggufTypes = [
  ...(['q4_0', 'q4_1', 'q5_0', 'q5_1', 'q8_0'] as const),
  ...(['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k', 'f16'] as const),
] as const
export type GgufType = (typeof ggufTypes)[number]
