/** The linear layers of one transformer block, by their GGUF names. */
export const linearNames = [
  'attn_q',
  'attn_k',
  'attn_v',
  'attn_output',
  'ffn_gate',
  'ffn_up',
  'ffn_down',
] as const
export type LinearName = (typeof linearNames)[number]

/** Rotary position embedding. Source: RoFormer, Su et al. 2021, arXiv:2104.09864. */
export interface RopeDescription {
  readonly base: number
  /** How many of a head's dimensions rotate. */
  readonly dimensions: number
  /** Which dimensions form a pair: neighbours (2i, 2i+1), or i and i + dimensions/2. */
  readonly layout: 'interleaved' | 'halves'
  /** Positions are divided by this (linear scaling); 1 where there is none. */
  readonly positionScale: number
  /** Divides each pair's frequency (Llama 3), shape [dimensions / 2]; null where there is none. */
  readonly frequencyFactors: Float32Array | null
}

/** Everything about a model that decides its graphs. Two models with equal descriptions share their sessions. */
export interface ModelDescription {
  readonly architecture: string
  readonly name: string
  readonly layerCount: number
  /** Width of the hidden state. */
  readonly width: number
  readonly headCount: number
  readonly kvHeadCount: number
  readonly headWidth: number
  readonly feedForwardWidth: number
  readonly vocabularySize: number
  readonly contextLength: number
  readonly normEpsilon: number
  readonly rope: RopeDescription
  /** True where the output matrix is the embedding table. */
  readonly isOutputTied: boolean
  /** Linears that add a bias after the product. */
  readonly biases: readonly LinearName[]
}

/** Rows and columns of a linear's weight. */
export function linearShape(model: ModelDescription, name: LinearName): { rows: number; columns: number } {
  const attention = model.headCount * model.headWidth
  const keyValue = model.kvHeadCount * model.headWidth
  switch (name) {
    case 'attn_q':
      return { rows: attention, columns: model.width }
    case 'attn_k':
    case 'attn_v':
      return { rows: keyValue, columns: model.width }
    case 'attn_output':
      return { rows: model.width, columns: attention }
    case 'ffn_gate':
    case 'ffn_up':
      return { rows: model.feedForwardWidth, columns: model.width }
    case 'ffn_down':
      return { rows: model.width, columns: model.feedForwardWidth }
  }
}
