import { llama, type Architecture } from './architecture.js'

/** StableLM 2 1.6B, 3B and Zephyr: layer norms with biases, and a rotation of a part of each head. Source: Bellagente et al. 2024, arXiv:2402.17834. */
export const stablelm: Architecture = {
  ...llama,
  name: 'stablelm',
  ropeLayout: 'halves',
  normKind: 'layer',
}
