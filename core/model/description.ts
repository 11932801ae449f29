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

/** The norms that a block may have, by their GGUF names. The `attn_q_norm` and `attn_k_norm` follow the products of those names. */
export const normNames = [
  'attn_norm',
  'attn_q_norm',
  'attn_k_norm',
  'post_attention_norm',
  'ffn_norm',
  'post_ffw_norm',
] as const
export type NormName = (typeof normNames)[number]

/** A block's vectors, by their names in its graph: weights and biases of norms, and biases of linears. */
export type VectorName = NormName | `${NormName | LinearName}.bias`

/** Rotary position embedding. Source: RoFormer, Su et al. 2021, arXiv:2104.09864. */
export interface RopeDescription {
  readonly base: number
  /** How many of a head's dimensions rotate. */
  readonly dimensions: number
  /** Which dimensions form a pair: neighbours (2i, 2i+1), or i and i + dimensions/2. */
  readonly layout: 'interleaved' | 'halves'
  /** Positions are divided by this (linear scaling); 1 where there is none. */
  readonly positionScale: number
  /** Divides each pair's frequency (Llama 3, YaRN, short sequences of Phi 3), shape [dimensions / 2]; null where nothing does. */
  readonly frequencyFactors: Float32Array | null
  /** What divides them instead in sequences that are longer than `above` (Phi 3); null where length does not matter. */
  readonly longFactors: { readonly above: number; readonly factors: Float32Array } | null
  /** Multiplies cosines and sines; 1 where there is no such factor. */
  readonly magnitude: number
}

/** In what a layer differs from the others. */
export interface LayerDescription {
  /** How many positions a query sees, its own and those before it; null where it sees all of them. */
  readonly window: number | null
  /** How queries and keys rotate; null where they do not. */
  readonly rope: RopeDescription | null
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
  /** Norms that each block has. Without `attn_norm` or `ffn_norm`, that part reads the hidden state as it is. */
  readonly norms: readonly NormName[]
  /** `rms` divides by the root mean square; `layer` takes the mean away before, and has a bias. */
  readonly normKind: 'rms' | 'layer'
  readonly normEpsilon: number
  /** Whether queries and keys are normed head by head, or all heads of a token together. */
  readonly queryKeyNorm: 'head' | 'token'
  /** What the feed-forward gate goes through; `gelu` is its approximation by tanh. */
  readonly activation: 'silu' | 'gelu'
  /** Multiplies the products of queries and keys. */
  readonly attentionScale: number
  /** A cap c makes c · tanh(score / c) of scores; null where there is none. */
  readonly attentionSoftCap: number | null
  /** Multiplies token embeddings. */
  readonly embeddingScale: number
  /** Multiplies what attention and feed-forward parts add to the hidden state. */
  readonly residualScale: number
  /** Multiplies logits, before their cap. */
  readonly logitScale: number
  /** As `attentionSoftCap`, of logits. */
  readonly logitSoftCap: number | null
  /** How the layers rotate that see all positions. */
  readonly rope: RopeDescription
  /** One for each layer. */
  readonly layers: readonly LayerDescription[]
  /** True where the output matrix is the embedding table. */
  readonly isOutputTied: boolean
  /** Linears that add a bias after the product. */
  readonly biases: readonly LinearName[]
}

/** The sizes that decide the shapes of a block's weights. */
export type BlockSizes = Pick<
  ModelDescription,
  'width' | 'headCount' | 'kvHeadCount' | 'headWidth' | 'feedForwardWidth'
>

/** Rows and columns of a linear's weight. */
export function linearShape(model: BlockSizes, name: LinearName): { rows: number; columns: number } {
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

/** How many numbers a norm's weight has. */
export function normLength(model: ModelDescription, name: NormName): number {
  if (name !== 'attn_q_norm' && name !== 'attn_k_norm') return model.width
  if (model.queryKeyNorm === 'head') return model.headWidth
  return model.headWidth * (name === 'attn_q_norm' ? model.headCount : model.kvHeadCount)
}

/** The vectors of each block with their lengths: norms, and then biases of linears. */
export function vectorLengths(model: ModelDescription): ReadonlyMap<VectorName, number> {
  const norms = model.norms.flatMap((name): [VectorName, number][] => {
    const length = normLength(model, name)
    return model.normKind === 'rms'
      ? [[name, length]]
      : [
          [name, length],
          [`${name}.bias`, length],
        ]
  })
  const biases = model.biases.map((name): [VectorName, number] => [
    `${name}.bias`,
    linearShape(model, name).rows,
  ])
  return new Map([...norms, ...biases])
}

/** The different ways to rotate of a model's layers, that of layers which see all positions first. */
export function ropesOf({ rope, layers }: ModelDescription): readonly RopeDescription[] {
  return [...new Set([rope, ...layers.flatMap((layer) => layer.rope ?? [])])]
}
