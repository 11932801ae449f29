import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BlockRunner } from '../../../../core/engine/block-runner.js'
import { embed } from '../../../../core/engine/embed.js'
import { readModel } from '../../../../core/engine/loaded-model.js'
import { noChanges } from '../../../../core/engine/model-changes.js'
import { roundLayers } from '../../../../core/export/calibrated/round-layers.js'
import { convertGguf, type GgufConversion } from '../../../../core/export/convert-gguf.js'
import type { GgufType } from '../../../../core/export/gguf-type.js'
import { openModelFile } from '../../../../core/model/open-model-file.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { goldenGguf, goldenModels } from '../../../support/golden-models.js'
import { openParts } from '../../../support/open-tiny.js'
import { randomNumbers } from '../../../support/random-numbers.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { tinyGguf } from '../../../support/tiny-gguf.js'
import { writeFileSync } from 'node:fs'

const device = openCpuDevice({ threads: 1 })
const random = randomNumbers(3)
/** Few different tokens, so that what enters the linears has much in common. */
const rows = Array.from({ length: 10 }, () => Int32Array.from({ length: 24 }, () => 2 * random.below(12)))

function written(model: Uint8Array): string {
  const path = join(temporaryFolder(), 'base.gguf')
  writeFileSync(path, model)
  return path
}

/** Writes the model at `path` in a type, by what it reads in `rows` or without, and returns where. */
async function convert(path: string, type: GgufType, isCalibrated: boolean): Promise<string> {
  const target = join(dirname(path), `${type}-${isCalibrated ? 'gptq' : 'search'}.gguf`)
  const { source, file } = openModelFile(path)
  try {
    const model = readModel(source, file)
    const { layerCount } = model.description
    const conversion: GgufConversion = { source, file, layerCount, type, changes: noChanges }
    if (!isCalibrated) convertGguf(conversion, target)
    else {
      const rounded = await roundLayers(conversion, { device, model, rows }, target)
      convertGguf({ ...conversion, rounded }, target)
      rounded.close()
    }
    return target
  } finally {
    source.close()
  }
}

/** The last hidden states of `rows`, which enter the output. */
async function lastStates(path: string): Promise<Float32Array> {
  const { model } = openParts(path)
  const runner = new BlockRunner(device, model)
  const { data } = await runner.run(embed(model, rows), 0, model.description.layerCount)
  await runner.close()
  model.close()
  return data.slice()
}

function squaredDistance(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, at) => sum + (value - other[at]) ** 2, 0)
}

describe.each(['q4_0', 'q4_1', 'q5_0'] as const)('a model rounded to %s by what it reads', (type) => {
  it('has last hidden states nearer to those of its base, on what it has read', async () => {
    const path = written(tinyGguf({ type: 'F16', embeddingType: 'F32', biases: ['attn_q', 'attn_v'] }))
    const expected = await lastStates(path)
    // Embeddings are searched in both; only the linears differ.
    const [searched, known] = [await convert(path, type, false), await convert(path, type, true)]
    const error = async (of: string): Promise<number> => squaredDistance(await lastStates(of), expected)
    expect(await error(known)).toBeLessThan(0.8 * (await error(searched)))
    expect(readdirSync(dirname(path))).toEqual(
      ['base.gguf', `${type}-gptq.gguf`, `${type}-search.gguf`].toSorted(),
    )
  })
})

it('leaves linears alone whose type stays', async () => {
  const path = written(tinyGguf({ type: 'Q4_1', embeddingType: 'F16' }))
  const known = await convert(path, 'q4_1', true)
  const [before, after] = [openModelFile(path), openModelFile(known)]
  for (const name of ['blk.0.attn_q.weight', 'blk.1.ffn_down.weight']) {
    const [one, other] = [before, after].map(({ source, file }) => {
      const { offset, byteLength } = file.tensors.get(name) ?? { offset: 0, byteLength: 0 }
      return source.read(offset, byteLength)
    })
    expect(other).toEqual(one)
  }
  before.source.close()
  after.source.close()
})

it.each(goldenModels())('rounds every family: %s', async (_, golden) => {
  const path = written(goldenGguf(golden))
  const known = await convert(path, 'q4_0', true)
  expect((await lastStates(known)).every(Number.isFinite)).toBe(true)
})
