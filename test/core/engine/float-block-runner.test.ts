import { expect, it, onTestFinished } from 'vitest'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { embed } from '../../../core/engine/embed.js'
import { FloatBlockRunner } from '../../../core/engine/float-block-runner.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { blockInFloats } from '../../support/block-in-floats.js'
import { momentsOf } from '../../support/linear-inputs.js'
import { openTiny } from '../../support/open-tiny.js'

const rows = [Int32Array.of(3, 9, 27, 17), Int32Array.of(17, 51, 25, 11)]

function open(model: LoadedModel): { floats: FloatBlockRunner; blocks: BlockRunner } {
  const device = openCpuDevice({ threads: 1 })
  const [floats, blocks] = [new FloatBlockRunner(device, model), new BlockRunner(device, model)]
  onTestFinished(async () => {
    await floats.close()
    await blocks.close()
  })
  return { floats, blocks }
}

it('a block in floats is the block of its codes', async () => {
  const { model } = openTiny({ biases: ['attn_v'] })
  const { floats, blocks } = open(model)
  const hidden = embed(model, rows)
  const expected = (await blocks.run(hidden, 1, 2)).data
  const found = (await floats.next(1, blockInFloats(model, 1), hidden)).data
  expect(found).toHaveLength(expected.length)
  found.forEach((value, at) => expect(value).toBeCloseTo(expected[at], 4))
})

it('sums what enters the queries, the normed hidden state', async () => {
  const { model } = openTiny()
  const { floats } = open(model)
  const hidden = embed(model, rows)
  const { width, normEpsilon } = model.description
  const weight = model.blocks[0].vectors.get('attn_norm') ?? new Float32Array(0)
  const normed = new Float32Array(hidden.data.length)
  for (let start = 0; start < normed.length; start += width) {
    const state = hidden.data.subarray(start, start + width)
    const mean = state.reduce((sum, value) => sum + value ** 2 / width, 0)
    state.forEach((value, at) => (normed[start + at] = (value / Math.sqrt(mean + normEpsilon)) * weight[at]))
  }
  const expected = momentsOf(normed, width)
  const { moments, sizes } = (await floats.inputSums(0, blockInFloats(model, 0), hidden)).attn_q
  moments.forEach((value, at) => expect(value).toBeCloseTo(expected[at], 3))
  const absolute = (column: number): number =>
    normed.reduce((sum, value, at) => sum + (at % width === column ? Math.abs(value) : 0), 0)
  sizes.forEach((value, column) => expect(value).toBeCloseTo(absolute(column), 4))
})

it('sums what enters the last linear, which says how large its output is', async () => {
  const { model } = openTiny()
  const { floats } = open(model)
  const hidden = embed(model, rows)
  const block = blockInFloats(model, 0)
  const columns = 96
  // With no attention and W of the last linear 0 but for one 1, what is added to the hidden state is one of its inputs.
  block.linears.attn_output.fill(0)
  block.linears.ffn_down.fill(0)
  block.linears.ffn_down[5 * columns + 7] = 1
  const { moments } = (await floats.inputSums(0, block, hidden)).ffn_down
  const next = (await floats.next(0, block, hidden)).data
  let expected = 0
  for (let at = 5; at < next.length; at += 64) expected += (next[at] - hidden.data[at]) ** 2
  expect(moments[7 * columns + 7]).toBeCloseTo(expected, 4)
  expect(moments[7 * columns + 8]).toBeCloseTo(moments[8 * columns + 7], 5)
})
