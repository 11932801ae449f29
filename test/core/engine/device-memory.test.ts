import { describe, expect, it, onTestFinished } from 'vitest'
import type { Example, Objective } from '../../../core/data/example.js'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { embed } from '../../../core/engine/embed.js'
import { statesInMemory } from '../../../core/engine/kept-states.js'
import { withLowerLayers } from '../../../core/runtime/layer-devices.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import {
  differentiate,
  factorTable,
  labelExamples,
  overridesOf,
  sequenceExamples,
} from '../../support/differentiated-model.js'
import { largestDifference } from '../../support/loss-slopes.js'
import { memoryDevice, type MemoryDevice } from '../../support/memory-device.js'
import { openTiny } from '../../support/open-tiny.js'

const labels: Objective = {
  kind: 'labels',
  options: [5, 60].map((token) => ({ name: String(token), text: String(token), tokens: [token] })),
}
const tasks: readonly [name: string, objective: Objective, batch: readonly Example[]][] = [
  ['labels', labels, labelExamples([7, 3, 12, 5], 64, 2)],
  ['answers', { kind: 'answer' }, sequenceExamples([7, 3, 12], 64)],
]

/** One that has to be empty when the test is over and everything was closed: what ends last was registered first. */
function emptiedDevice(): MemoryDevice {
  const memory = memoryDevice(openCpuDevice({ threads: 1 }))
  onTestFinished(() => expect(memory.held()).toBe(0))
  return memory
}

describe.each(tasks)('a device with memory of its own, with %s', (_, objective, batch) => {
  it.each([
    ['there', undefined],
    ['here', () => statesInMemory('float32', 1)],
  ])('gives the gradients of the CPU with states kept %s, and is empty in the end', async (_, kept) => {
    const { model } = openTiny({ biases: ['attn_q'] })
    const table = factorTable(model.description, 0, 2)
    const expected = await differentiate(model, objective).gradient(batch, table)
    const { device } = emptiedDevice()
    const options = { device, tokensPerRun: 16, ...(kept !== undefined && { kept: kept() }) }
    const found = await differentiate(model, objective, options).gradient(batch, table)
    expect(found.loss).toBeCloseTo(expected.loss, 6)
    expect(largestDifference(found.gradient, expected.gradient)).toBeLessThan(1e-5)
  })

  it('holds no more after three batches than after one', async () => {
    const { model } = openTiny()
    const table = factorTable(model.description, 0, 2)
    const { device, held, copies } = emptiedDevice()
    const subject = differentiate(model, objective, { device })
    await subject.gradient(batch, table)
    const [after, { uploads }] = [held(), copies()]
    await subject.gradient(batch, table)
    await subject.gradient(batch, table)
    expect(held()).toBe(after)
    // What entered the lowest layer: embeddings of each batch.
    expect(copies().uploads).toBe(uploads + 2)
  })
})

it('a forward pass copies weights once, and reads the last hidden state only', async () => {
  const { model } = openTiny()
  const { device, copies } = emptiedDevice()
  const runner = new BlockRunner(device, model)
  onTestFinished(() => runner.close())
  const overrides = overridesOf(factorTable(model.description, 0, 2))
  const entering = embed(model, [Int32Array.of(3, 9, 27)])
  const run = () => runner.run(entering, 0, 2, (layer) => overrides(layer, null))
  await run()
  const { uploads, reads } = copies()
  expect(reads).toBe(1)
  await run()
  expect(copies()).toEqual({ uploads, reads: 2 })
})

describe.each(tasks)('a device that leaves lower layers to the processor, with %s', (_, objective, batch) => {
  const processor = openCpuDevice({ threads: 1 })

  it.each([0, 1, 2, 3])('gives the gradients of the CPU (%i of 3 layers there)', async (end) => {
    const { model } = openTiny({ biases: ['attn_q'], layers: 3 })
    const table = factorTable(model.description, 0, 3)
    const expected = await differentiate(model, objective).gradient(batch, table)
    const device = withLowerLayers(emptiedDevice().device, processor, end)
    const found = await differentiate(model, objective, { device, tokensPerRun: 16 }).gradient(batch, table)
    expect(found.loss).toBeCloseTo(expected.loss, 6)
    expect(largestDifference(found.gradient, expected.gradient)).toBeLessThan(1e-5)
  })
})

it('only the weights of the upper layers are copied to the device, and of those nothing stays here', async () => {
  const uploads: number[] = []
  for (const end of [0, 1, 2, 3]) {
    const { model } = openTiny({ layers: 3 })
    const { device, copies } = emptiedDevice()
    const runner = new BlockRunner(withLowerLayers(device, openCpuDevice({ threads: 1 }), end), model)
    onTestFinished(() => runner.close())
    model.layers.streamFrom(end)
    const { data } = await runner.run(embed(model, [Int32Array.of(3, 9, 27)]), 0, 3)
    expect(data.every(Number.isFinite)).toBe(true)
    uploads.push(copies().uploads)
    expect(model.blocks.map(({ stored }) => stored.isKept())).toEqual([0, 1, 2].map((layer) => layer < end))
  }
  const [three, two, one, none] = uploads
  expect(none).toBe(0)
  // The table of cosines beside the weights.
  expect(three - two).toBe(two - one)
  expect(one).toBeGreaterThan(two - one)
})
