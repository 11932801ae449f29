import { expect, it, onTestFinished } from 'vitest'
import { BlockRunner, type BlockOverride } from '../../../core/engine/block-runner.js'
import { embed } from '../../../core/engine/embed.js'
import { attentionChunks, GradientRunner, type InputGradients } from '../../../core/engine/gradient-runner.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { float32Tensor } from '../../../core/engine/matrix-tensors.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny } from '../../support/open-tiny.js'
import { randomNumbers } from '../../support/random-numbers.js'

const random = randomNumbers(31)
const randomFloats = (length: number): Float32Array => Float32Array.from({ length }, () => random.symmetric())

/** Gradients of `wanted` inputs of block 1, for a random gradient at its output. */
async function gradientsOf(
  model: LoadedModel,
  override: BlockOverride | null,
  wanted: readonly string[],
): Promise<InputGradients> {
  const device = openCpuDevice({ threads: 1 })
  const blocks = new BlockRunner(device, model)
  const runner = new GradientRunner(device, blocks.inputs)
  onTestFinished(async () => {
    await runner.close()
    await blocks.close()
  })
  const { data, batch, sequence } = embed(model, [Int32Array.of(3, 9, 27), Int32Array.of(17, 51, 25, 11)])
  const shape = [batch, sequence, model.description.width]
  const entering = { tensor: float32Tensor(data, shape), batch, sequence }
  const nextGradient = float32Tensor(randomFloats(data.length), shape)
  const { hidden, inputs } = await runner.run(1, entering, nextGradient, override, wanted)
  return hidden?.data instanceof Float32Array ? { hidden: hidden.data, ...inputs } : inputs
}

it('gradients come in the shapes of what they are of, also of float weights that are no input', async () => {
  const { model } = openTiny({ biases: ['attn_v'] })
  const lengths = {
    hidden: 2 * 4 * 64,
    attn_norm: 64,
    ffn_norm: 64,
    'attn_v.bias': 32,
    'attn_q.scales': 64 * 2,
    'attn_k.zeroPoints': 32 * 2,
    'ffn_down.weights': 64 * 96,
  }
  const gradients = await gradientsOf(model, null, Object.keys(lengths))
  expect(Object.fromEntries(Object.entries(gradients).map(([name, { length }]) => [name, length]))).toEqual(
    lengths,
  )
})

it('inputs of a layer that are given take the place of its own', async () => {
  const { model } = openTiny()
  const lowRank = { attn_q: { rank: 3, scale: 0.5 } }
  const tensors = {
    attn_norm: float32Tensor(new Float32Array(64), [64]),
    'attn_q.loraA': float32Tensor(randomFloats(3 * 64), [3, 64]),
    'attn_q.loraB': float32Tensor(randomFloats(64 * 3), [64, 3]),
  }
  const gradients = await gradientsOf(model, { factors: 'none', lowRank, tensors }, [
    'attn_q.loraA',
    'attn_norm',
  ])
  // Nothing passes a norm of zeros: the branch sees no inputs, but the norm's own slope is there.
  expect(gradients['attn_q.loraA']).toEqual(new Float32Array(3 * 64))
  expect(gradients['attn_norm'].some((value) => value !== 0)).toBe(true)
})

it("the gradient of a row's factor is that of its weights along themselves", async () => {
  const { model } = openTiny()
  const matrix = model.blocks[1].linears.attn_k
  const factors = float32Tensor(new Float32Array(matrix.rows).fill(1), [1, 1, matrix.rows])
  const others = ['attn_q', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'] as const
  const ones = others.map((name) => {
    const { rows } = model.blocks[1].linears[name]
    return [`${name}.rowFactors`, float32Tensor(new Float32Array(rows).fill(1), [1, 1, rows])] as const
  })
  const tensors = { ...Object.fromEntries(ones), 'attn_k.rowFactors': factors }
  const wanted = ['attn_k.rowFactors', 'attn_k.weights']
  const gradients = await gradientsOf(model, { factors: 'rows', tensors }, wanted)
  const row = new Float32Array(matrix.columns)
  gradients['attn_k.rowFactors'].forEach((slope, index) => {
    dequantizeRow(matrix, index, row, 0)
    const ofWeights = gradients['attn_k.weights'].subarray(
      index * matrix.columns,
      (index + 1) * matrix.columns,
    )
    const along = row.reduce((sum, weight, column) => sum + weight * ofWeights[column], 0)
    expect(slope).toBeCloseTo(along, 5)
  })
})

it.each([
  // 16 sentences of 25 tokens with 9 heads: 0.4 MB.
  [16 * 9, 25, 1],
  // 2 MB, 33 MB and 128 MB with the 32 heads of a model of 8 billion weights.
  [32, 128, 1],
  [4 * 32, 256, 2],
  [32, 1024, 8],
  // A query at a time is the least there is.
  [1e6, 3, 4],
])('%d heads over %d positions take %d chunks of attention', (heads, positions, chunks) => {
  expect(attentionChunks(heads, positions)).toBe(chunks)
})
