import { describe, expect, it, onTestFinished } from 'vitest'
import { buildBlockBackwardGraph } from '../../../core/graph/block-backward-graph.js'
import type { BlockVariant } from '../../../core/graph/block-graph.js'
import type { LinearFormat } from '../../../core/graph/linear.js'
import { plainLayer } from '../../../core/graph/operators/layer-kind.js'
import {
  linearNames,
  linearShape,
  type LinearName,
  type ModelDescription,
} from '../../../core/model/description.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import type { Tensor } from '../../../core/runtime/device.js'
import { plainArchitecture, plainRope } from '../../support/plain-description.js'
import { gradientError } from '../../support/finite-differences.js'
import { randomBlock, type BatchShape, type RandomBlock } from '../../support/random-block.js'
import { randomNumbers } from '../../support/random-numbers.js'

const plain: ModelDescription = {
  ...plainArchitecture,
  name: 'tiny',
  layerCount: 1,
  width: 32,
  headCount: 4,
  kvHeadCount: 2,
  headWidth: 16,
  feedForwardWidth: 64,
  vocabularySize: 64,
  contextLength: 64,
  normEpsilon: 1e-5,
  attentionScale: 1 / 4,
  rope: plainRope(16),
  layers: [{ window: null, rope: plainRope(16) }],
  isOutputTied: true,
  biases: [],
}

const q40: LinearFormat = { kind: 'quantized', bits: 4, blockSize: 32, hasZeroPoints: false }
const q41: LinearFormat = { kind: 'quantized', bits: 4, blockSize: 32, hasZeroPoints: true }
const q80: LinearFormat = { kind: 'quantized', bits: 8, blockSize: 32, hasZeroPoints: false }
const q5K: LinearFormat = { kind: 'quantized', bits: 8, blockSize: 32, hasZeroPoints: true }
const q2K: LinearFormat = { kind: 'quantized', bits: 4, blockSize: 16, hasZeroPoints: true }
const q6K: LinearFormat = { kind: 'quantized', bits: 8, blockSize: 16, hasZeroPoints: false }
const float16: LinearFormat = { kind: 'float16' }
const float32: LinearFormat = { kind: 'float32' }

/** What blocks of other architectures do otherwise than llama's. */
const gemma: Partial<ModelDescription> = {
  norms: ['attn_norm', 'post_attention_norm', 'ffn_norm', 'post_ffw_norm'],
  activation: 'gelu',
}

interface Case {
  readonly model?: Partial<ModelDescription>
  readonly kind?: BlockVariant['kind']
  readonly format?: LinearFormat
  readonly factors?: BlockVariant['factors']
  readonly lowRank?: readonly LinearName[]
  readonly batch?: BatchShape
  readonly chunks?: number
  readonly isUnpacked?: boolean
  readonly precision?: BlockVariant['precision']
}

const cases: Readonly<Record<string, Case>> = {
  Q4_1: {},
  'Q4_0 with row and column factors': { format: q40, factors: 'rowsAndColumns' },
  'Q4_1, with unpacked weights': { isUnpacked: true, factors: 'rows' },
  'Q8_0, with unpacked weights': { isUnpacked: true, format: q80 },
  'Q8_0 with row and column factors': { format: q80, factors: 'rowsAndColumns' },
  'Q5_K with row factors': { format: q5K, factors: 'rows' },
  'Q5_K, with unpacked weights': { isUnpacked: true, format: q5K },
  'Q2_K with row factors': { format: q2K, factors: 'rows' },
  'Q6_K, with unpacked weights': { isUnpacked: true, format: q6K, factors: 'rows' },
  'Q6_K with row and column factors': { format: q6K, factors: 'rowsAndColumns' },
  F16: { format: float16 },
  'F32 with row factors': { format: float32, factors: 'rows' },
  'biases everywhere': { model: { biases: linearNames }, factors: 'rows' },
  'halves rotate': { model: { rope: plainRope(16, 'halves') } },
  'a part of each head rotates, as neighbours': { model: { headWidth: 32 } },
  'a part of each head rotates, as halves': {
    model: { headWidth: 32, rope: plainRope(16, 'halves') },
  },
  'every head its own key': { model: { kvHeadCount: 4 } },
  'one key for all heads': { model: { kvHeadCount: 1 } },
  'three chunks of queries': { chunks: 3, batch: { batch: 2, sequence: 7, padding: 0 } },
  'more chunks than fit evenly, and padding': { chunks: 4, batch: { batch: 3, sequence: 6, padding: 2 } },
  'the norms of queries and keys by head, as Qwen 3': {
    model: { norms: ['attn_norm', 'attn_q_norm', 'attn_k_norm', 'ffn_norm'] },
    factors: 'rows',
  },
  'norms after each part, and of all queries, as OLMo 2': {
    model: {
      norms: ['attn_q_norm', 'attn_k_norm', 'post_attention_norm', 'post_ffw_norm'],
      queryKeyNorm: 'token',
    },
  },
  'caps, a window and norms before and after, as Gemma 2': {
    model: { ...gemma, attentionSoftCap: 2, attentionScale: 0.5 },
    kind: { window: 3, isRotated: true },
    factors: 'rowsAndColumns',
  },
  'a window in chunks of queries': {
    kind: { window: 3, isRotated: true },
    chunks: 3,
    batch: { batch: 2, sequence: 8, padding: 1 },
  },
  'multipliers, as Granite': { model: { attentionScale: 0.1, residualScale: 0.3 } },
  'no rotation, as layers of SmolLM3': { kind: { window: null, isRotated: false } },
  'layer norms with biases, as StableLM': { model: { normKind: 'layer', biases: ['attn_q'] } },
  'low-rank branches': { lowRank: ['attn_q', 'attn_v', 'ffn_down'], factors: 'rows' },
  'Q4_1 in half floats': { precision: 'float16', factors: 'rowsAndColumns', lowRank: ['attn_q'] },
  'Q4_0 in half floats': { precision: 'float16', format: q40 },
  'Q5_K in half floats': { precision: 'float16', format: q5K, factors: 'rows' },
  'Q6_K in half floats': { precision: 'float16', format: q6K },
  'F16 in half floats': { precision: 'float16', format: float16, factors: 'rows' },
  'F32 in half floats': { precision: 'float16', format: float32 },
}

/** Relative to the largest gradient: rounding of floats, and of half floats on the way through a block. */
const limits = { float32: 5e-6, float16: 3e-3 }

async function gradientsOf(
  model: ModelDescription,
  variant: BlockVariant & { readonly attentionChunks: number },
  block: RandomBlock,
  wanted: readonly string[],
): Promise<Readonly<Record<string, Float32Array>>> {
  const graph = buildBlockBackwardGraph(model, { ...variant, wanted })
  const session = await openCpuDevice({ threads: 1 }).open(graph)
  onTestFinished(() => session.close())
  const results: Record<string, Tensor<'float32'>> = {}
  for (const name of wanted) {
    const parameter = block.parameters[name]
    const shape = name.endsWith('.weights') ? weightShape(model, name) : block.tensors[name].shape
    results[`gradient.${name}`] = { type: 'float32', shape, data: new Float32Array(parameter.length) }
  }
  await session.run({ ...block.tensors, nextGradient: block.nextGradient }, results)
  return Object.fromEntries(wanted.map((name) => [name, results[`gradient.${name}`].data]))
}

function weightShape(model: ModelDescription, name: string): readonly number[] {
  const { rows, columns } = linearShape(model, name.slice(0, -'.weights'.length) as LinearName)
  return [rows, columns]
}

describe.each(Object.entries(cases))('the backward graph of a block, %s', (_, options) => {
  it('gives the gradients of all inputs, as finite differences in float64 do', async () => {
    const model = { ...plain, ...options.model }
    const formats = Object.fromEntries(linearNames.map((name) => [name, options.format ?? q41]))
    const variant = {
      formats: formats as BlockVariant['formats'],
      kind: options.kind ?? plainLayer,
      factors: options.factors ?? 'none',
      lowRank: Object.fromEntries((options.lowRank ?? []).map((name) => [name, { rank: 3, scale: 2 }])),
      attentionChunks: options.chunks ?? 1,
      unpacked: options.isUnpacked ? linearNames : [],
      precision: options.precision ?? 'float32',
    } as const
    const block = randomBlock(model, variant, options.batch ?? { batch: 2, sequence: 5, padding: 0 }, 7)
    const wanted = Object.keys(block.parameters)
    const gradients = await gradientsOf(model, variant, block, wanted)
    const random = randomNumbers(11)
    const errors = wanted.map((name) => ({
      name,
      error: gradientError(block.loss, block.parameters[name], gradients[name], random, 0),
    }))
    expect(errors.filter(({ error }) => !(error < limits[variant.precision]))).toEqual([])
  })
})

it('padding gets no gradient, and gives none', async () => {
  const formats = Object.fromEntries(linearNames.map((name) => [name, q41])) as BlockVariant['formats']
  const variant = { formats, factors: 'rows', attentionChunks: 2 } as const
  const block = randomBlock(plain, variant, { batch: 2, sequence: 6, padding: 2 }, 3)
  const wanted = ['hidden', 'attn_k.rowFactors', 'ffn_up.rowFactors']
  const { hidden, ...factors } = await gradientsOf(plain, variant, block, wanted)
  expect(hidden.subarray(-2 * plain.width).every((value) => value === 0)).toBe(true)
  expect(hidden.subarray(-3 * plain.width, -2 * plain.width).every((value) => value !== 0)).toBe(true)

  const states = block.tensors.hidden.data as Float32Array
  states.fill(9, -2 * plain.width)
  const { hidden: other, ...otherFactors } = await gradientsOf(plain, variant, block, wanted)
  expect(other).toEqual(hidden)
  expect(otherFactors).toEqual(factors)
})
