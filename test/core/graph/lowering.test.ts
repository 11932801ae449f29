import onnxProto from 'onnx-proto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildBlockBackwardGraph } from '../../../core/graph/block-backward-graph.js'
import { buildBlockGraph, type BlockVariant } from '../../../core/graph/block-graph.js'
import type { LinearFormat } from '../../../core/graph/linear.js'
import { lowerForWebGpu } from '../../../core/graph/lowering/lower-for-webgpu.js'
import {
  linearNames,
  linearShape,
  type LinearName,
  type ModelDescription,
} from '../../../core/model/description.js'
import type { Precision } from '../../../core/schema/precision.js'
import type { Tensors } from '../../../core/runtime/device.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny } from '../../support/open-tiny.js'
import { randomBlock, type RandomBlock } from '../../support/random-block.js'

const openDescription = (): ModelDescription => openTiny({ biases: ['attn_q', 'attn_v'] }).model.description
const batch = { batch: 2, sequence: 6, padding: 1 }

/** What graphs may not have: the provider would leave it to the processor, or compute it wrongly. */
const lacking = new Set(['FusedMatMul', 'BitwiseAnd', 'BitShift', 'GroupQueryAttention'])

const formats = {
  Q4_1: { kind: 'quantized', bits: 4, blockSize: 32, hasZeroPoints: true },
  Q8_0: { kind: 'quantized', bits: 8, blockSize: 32, hasZeroPoints: false },
  BOF4: { kind: 'quantized', bits: 4, blockSize: 32, hasZeroPoints: false, table: 'bof4-s' },
  F16: { kind: 'float16' },
  F32: { kind: 'float32' },
} as const satisfies Readonly<Record<string, LinearFormat>>

function variantOf(format: LinearFormat, precision: Precision = 'float32'): BlockVariant {
  return {
    precision,
    formats: Object.fromEntries(linearNames.map((name) => [name, format])) as BlockVariant['formats'],
    factors: 'rowsAndColumns',
    lowRank: { attn_v: { rank: 3, scale: 2 }, ffn_down: { rank: 2, scale: 1 } },
  }
}

async function outputsOf(graph: Uint8Array, inputs: Tensors, lengths: Readonly<Record<string, number[]>>) {
  const session = await openCpuDevice({ threads: 1 }).open(graph)
  onTestFinished(() => session.close())
  const outputs = Object.entries(lengths).map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1))
    return [name, { type: 'float32', data, shape }] as const
  })
  await session.run(inputs, Object.fromEntries(outputs))
  return outputs
}

/** Runs a graph as it is and lowered, and compares; the provider's kernels are not needed for that. */
async function expectSame(
  graph: Uint8Array,
  inputs: Tensors,
  shapes: Readonly<Record<string, number[]>>,
  largestError = 1e-5,
) {
  const lowered = lowerForWebGpu(graph)
  const { node } = onnxProto.onnx.ModelProto.decode(lowered).graph ?? {}
  expect(node?.filter(({ opType }) => lacking.has(opType ?? ''))).toEqual([])
  expect(node?.filter(({ opType, input }) => opType === 'MatMulNBits' && input?.length !== 3)).toEqual([])
  const expected = await outputsOf(graph, inputs, shapes)
  const found = new Map(await outputsOf(lowered, inputs, shapes))
  const errors = expected.map(([name, { data }]) => {
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const values = found.get(name)?.data ?? []
    return { name, error: Math.max(...data.map((value, i) => Math.abs(value - values[i]))) / largest }
  })
  expect(errors.filter(({ error }) => !(error < largestError))).toEqual([])
}

function shapeOf(description: ModelDescription, block: RandomBlock, name: string): number[] {
  if (!name.endsWith('.weights')) return [...block.tensors[name].shape]
  const { rows, columns } = linearShape(description, name.split('.')[0] as LinearName)
  return [rows, columns]
}

/** Half floats that are next to each other: the last bit of a float decides which of them it becomes. */
const halfStep = 4e-3

const cases = [
  ['Q4_1', 'float32', 1e-5],
  ['Q8_0', 'float32', 1e-5],
  ['BOF4', 'float32', 1e-5],
  ['F16', 'float32', 1e-5],
  ['Q4_1', 'float16', halfStep],
  ['Q8_0', 'float16', halfStep],
  ['BOF4', 'float16', halfStep],
  ['F16', 'float16', halfStep],
  ['F32', 'float16', halfStep],
] as const

describe.each(cases)('graphs of a block of %s in %s, lowered for WebGPU', (type, precision, largestError) => {
  const format = formats[type]

  it('have operators of the provider only, and give the same hidden states', async () => {
    const description = openDescription()
    const variant = variantOf(format, precision)
    const { tensors } = randomBlock(description, variant, batch, 5)
    const graph = buildBlockGraph(description, variant)
    await expectSame(graph, tensors, { nextHidden: [...tensors.hidden.shape] }, largestError)
  })

  it.each([1, 3])('give the same gradients, in %d chunks of queries', async (attentionChunks) => {
    const description = openDescription()
    const variant = variantOf(format, precision)
    const block = randomBlock(description, variant, batch, 6)
    const wanted = Object.keys(block.parameters)
    const graph = buildBlockBackwardGraph(description, { ...variant, attentionChunks, wanted })
    const shapes = Object.fromEntries(
      wanted.map((name) => [`gradient.${name}`, shapeOf(description, block, name)]),
    )
    await expectSame(graph, { ...block.tensors, nextGradient: block.nextGradient }, shapes, largestError)
  })
})

/** What no single architecture has, all at once. */
const everything: Partial<ModelDescription> = {
  norms: ['attn_norm', 'attn_q_norm', 'attn_k_norm', 'post_attention_norm', 'ffn_norm', 'post_ffw_norm'],
  activation: 'gelu',
  attentionScale: 0.4,
  attentionSoftCap: 1.5,
  residualScale: 0.5,
}

const kinds = [
  [{ window: 3, isRotated: true }, everything],
  [{ window: null, isRotated: false }, everything],
  [{ window: 2, isRotated: true }, { normKind: 'layer' }],
] as const

it.each(kinds)(
  'blocks of other architectures, %o, give the same, lowered for WebGPU',
  async (kind, options) => {
    const description: ModelDescription = { ...openDescription(), ...options }
    const variant = { ...variantOf(formats.Q4_1), kind }
    const block = randomBlock(description, variant, batch, 7)
    await expectSame(buildBlockGraph(description, variant), block.tensors, {
      nextHidden: [...block.tensors.hidden.shape],
    })
    const wanted = Object.keys(block.parameters)
    const shapes = Object.fromEntries(
      wanted.map((name) => [`gradient.${name}`, shapeOf(description, block, name)]),
    )
    const graph = buildBlockBackwardGraph(description, { ...variant, attentionChunks: 2, wanted })
    await expectSame(graph, { ...block.tensors, nextGradient: block.nextGradient }, shapes)
  },
)
