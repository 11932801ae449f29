import { linearNames, type LinearName } from '../../core/model/description.js'

/** The quantized types that a generated file may have. */
export const shapeTypes = ['Q4_0', 'Q4_1', 'Q8_0'] as const
export type ShapeType = (typeof shapeTypes)[number]

/** The sizes of a llama model; its weights are made up. */
export interface Shape {
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly headWidth: number
  readonly feedForward: number
  readonly vocabulary: number
  readonly contextLength: number
  readonly ropeBase: number
  /** Whether the output is the embedding itself. */
  readonly isTied: boolean
}

/** Shapes of published models, from their own configurations, and small ones for trying things out. */
export const shapes = {
  'llama-3.1-8B': {
    layers: 32,
    width: 4096,
    heads: 32,
    kvHeads: 8,
    headWidth: 128,
    feedForward: 14_336,
    vocabulary: 128_256,
    contextLength: 131_072,
    ropeBase: 500_000,
    isTied: false,
  },
  'llama-2-13B': {
    layers: 40,
    width: 5120,
    heads: 40,
    kvHeads: 40,
    headWidth: 128,
    feedForward: 13_824,
    vocabulary: 32_000,
    contextLength: 4096,
    ropeBase: 10_000,
    isTied: false,
  },
  'llama-3.2-1B': {
    layers: 16,
    width: 2048,
    heads: 32,
    kvHeads: 8,
    headWidth: 64,
    feedForward: 8192,
    vocabulary: 128_256,
    contextLength: 131_072,
    ropeBase: 500_000,
    isTied: true,
  },
  small: {
    layers: 8,
    width: 1024,
    heads: 16,
    kvHeads: 4,
    headWidth: 64,
    feedForward: 2816,
    vocabulary: 8192,
    contextLength: 2048,
    ropeBase: 10_000,
    isTied: false,
  },
  tiny: {
    layers: 4,
    width: 128,
    heads: 4,
    kvHeads: 2,
    headWidth: 32,
    feedForward: 256,
    vocabulary: 1024,
    contextLength: 512,
    ropeBase: 10_000,
    isTied: true,
  },
} as const satisfies Readonly<Record<string, Shape>>
export type ShapeName = keyof typeof shapes

/** A tensor of a shape: a matrix of random numbers of this deviation, or a norm of ones. */
export interface ShapeTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Null for a norm. */
  readonly deviation: number | null
}

/**
 * The tensors of a model in the order of its file. Products keep the size of their inputs, and what a block adds to the
 * residual stream is smaller the more blocks there are, so that losses and gradients stay finite.
 */
export function shapeTensors(shape: Shape): ShapeTensor[] {
  const { layers, width, heads, kvHeads, headWidth, feedForward, vocabulary, isTied } = shape
  const linears: Readonly<Record<LinearName, readonly [rows: number, columns: number]>> = {
    attn_q: [heads * headWidth, width],
    attn_k: [kvHeads * headWidth, width],
    attn_v: [kvHeads * headWidth, width],
    attn_output: [width, heads * headWidth],
    ffn_gate: [feedForward, width],
    ffn_up: [feedForward, width],
    ffn_down: [width, feedForward],
  }
  const residual = new Set<LinearName>(['attn_output', 'ffn_down'])
  const norm = (name: string): ShapeTensor => ({ name, shape: [width], deviation: null })
  const blocks = Array.from({ length: layers }, (_, layer) => [
    norm(`blk.${layer}.attn_norm.weight`),
    norm(`blk.${layer}.ffn_norm.weight`),
    ...linearNames.map((linear): ShapeTensor => {
      const [rows, columns] = linears[linear]
      const share = residual.has(linear) ? 1 / Math.sqrt(2 * layers) : 1
      const deviation = share / Math.sqrt(columns)
      return { name: `blk.${layer}.${linear}.weight`, shape: [rows, columns], deviation }
    }),
  ])
  const table = (name: string, deviation: number): ShapeTensor => ({
    name,
    shape: [vocabulary, width],
    deviation,
  })
  return [
    table('token_embd.weight', isTied ? 1 / Math.sqrt(width) : 1),
    ...blocks.flat(),
    norm('output_norm.weight'),
    ...(isTied ? [] : [table('output.weight', 1 / Math.sqrt(width))]),
  ]
}
