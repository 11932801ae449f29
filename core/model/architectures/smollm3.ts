import { llama, type Architecture } from './architecture.js'

/** Every fourth layer does not rotate. Source: llama.cpp, src/llama-model.cpp, which reads the period from no file. */
const unrotatedPeriod = 4

/** SmolLM3: llama with some layers that know no positions. Source: Yang et al. 2025, arXiv:2501.18795 (NoPE in part of the layers). */
export const smollm3: Architecture = {
  ...llama,
  name: 'smollm3',
  settings: () => ({
    layerRule: (layer) => ({
      sees: 'all',
      rope: layer % unrotatedPeriod === unrotatedPeriod - 1 ? 'none' : 'global',
    }),
  }),
}
