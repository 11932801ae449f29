import type { ModelDescription, RopeDescription } from '../../core/model/description.js'

/** A rotation of all of a head's dimensions, without scaling. */
export function plainRope(
  dimensions: number,
  layout: RopeDescription['layout'] = 'interleaved',
): RopeDescription {
  return {
    ...{ base: 10_000, dimensions, layout },
    ...{ positionScale: 1, frequencyFactors: null, longFactors: null, magnitude: 1 },
  }
}

/** What every model of the llama architecture has in common. */
export const plainArchitecture = {
  architecture: 'llama',
  norms: ['attn_norm', 'ffn_norm'],
  normKind: 'rms',
  queryKeyNorm: 'head',
  activation: 'silu',
  attentionSoftCap: null,
  embeddingScale: 1,
  residualScale: 1,
  logitScale: 1,
  logitSoftCap: null,
} as const satisfies Partial<ModelDescription>
