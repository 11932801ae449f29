import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BlockRunner } from '../../../../core/engine/block-runner.js'
import { embed } from '../../../../core/engine/embed.js'
import { readModel, type LoadedModel } from '../../../../core/engine/loaded-model.js'
import { noChanges } from '../../../../core/engine/model-changes.js'
import { outputNormed } from '../../../../core/engine/output-norm.js'
import { roundLayers, type CalibratedRounding } from '../../../../core/export/calibrated/round-layers.js'
import { convertGguf, type GgufConversion } from '../../../../core/export/convert-gguf.js'
import type { GgufType } from '../../../../core/schema/gguf-type.js'
import { openModelFile } from '../../../../core/model/open-model-file.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { goldenGguf, goldenModels } from '../../../support/golden-models.js'
import { momentsOf, outputError } from '../../../support/linear-inputs.js'
import { openParts } from '../../../support/open-tiny.js'
import { randomNumbers } from '../../../support/random-numbers.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { tinyGguf } from '../../../support/tiny-gguf.js'

const device = openCpuDevice({ threads: 1 })
const random = randomNumbers(3)
/** Few different tokens, so that what enters the linears has much in common. */
const rows = Array.from({ length: 10 }, () => Int32Array.from({ length: 24 }, () => 2 * random.below(12)))

function written(model: Uint8Array): string {
  const path = join(temporaryFolder(), 'base.gguf')
  writeFileSync(path, model)
  return path
}

/** Writes the model at `path` in a type, by what it reads in `rows` or by a search, and returns where. */
async function convert(
  path: string,
  type: GgufType,
  rounding: CalibratedRounding | 'search',
): Promise<string> {
  const target = join(dirname(path), `${type}-${rounding}.gguf`)
  const { source, file } = openModelFile(path)
  try {
    const model = readModel(source, file)
    const { layerCount } = model.description
    const conversion: GgufConversion = { source, file, layerCount, type, changes: noChanges }
    if (rounding === 'search') convertGguf(conversion, target)
    else {
      const rounded = await roundLayers(conversion, { rounding, device, model, rows }, target)
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
    const biases = ['attn_q', 'attn_v'] as const
    const path = written(tinyGguf({ type: 'F16', embeddingType: 'F32', outputType: 'F16', biases }))
    const expected = await lastStates(path)
    // Embeddings are searched in both; only the linears differ.
    const [searched, known] = [await convert(path, type, 'search'), await convert(path, type, 'gptq')]
    const error = async (of: string): Promise<number> => squaredDistance(await lastStates(of), expected)
    expect(await error(known)).toBeLessThan(0.8 * (await error(searched)))
    expect(readdirSync(dirname(path))).toEqual(
      ['base.gguf', `${type}-gptq.gguf`, `${type}-search.gguf`].toSorted(),
    )
  })
})

it('leaves linears alone whose type stays', async () => {
  const path = written(tinyGguf({ type: 'Q4_1', embeddingType: 'F16' }))
  const known = await convert(path, 'q4_1', 'awq-gptq')
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

describe.each([
  ['of its own', { embeddingType: 'Q4_0', outputType: 'F16' }],
  ['that is the embedding too', { embeddingType: 'F16', outputType: null }],
] as const)('an output matrix %s', (_, types) => {
  it('is rounded by what enters it', async () => {
    // Nothing else changes its type.
    const path = written(tinyGguf({ type: 'Q4_0', ...types }))
    const [base, searched, known] = [
      openParts(path).model,
      openParts(await convert(path, 'q4_0', 'search')).model,
      openParts(await convert(path, 'q4_0', 'gptq')).model,
    ]
    const states = await lastStates(path)
    const { width, vocabularySize } = base.description
    const inputs = new Float32Array(states.length)
    for (let at = 0; at < states.length; at += width) inputs.set(outputNormed(base, states, at), at)
    const tableOf = ({ output }: LoadedModel): Float32Array => {
      const table = new Float32Array(vocabularySize * width)
      for (let token = 0; token < vocabularySize; token++) output.readRow(token, table, token * width)
      return table
    }
    const moments = momentsOf(inputs, width)
    const error = (model: LoadedModel): number => outputError(tableOf(model), tableOf(base), moments, width)
    expect(error(known)).toBeLessThan(0.8 * error(searched))
    for (const model of [base, searched, known]) model.close()
  })
})

it.each(goldenModels())('a model of the family %s stays near itself in 8 bits', async (_, golden) => {
  const path = written(goldenGguf(golden))
  const [expected, found] = [
    await lastStates(path),
    await lastStates(await convert(path, 'q8_0', 'awq-gptq')),
  ]
  const size = squaredDistance(expected, new Float32Array(expected.length))
  expect(Math.sqrt(squaredDistance(found, expected) / size)).toBeLessThan(0.03)
})

it('scales columns before they are rounded where some inputs are much larger than others', async () => {
  const path = written(tinyGguf({ type: 'F16', embeddingType: 'F32' }))
  const uneven = join(temporaryFolder(), 'uneven.gguf')
  writeFileSync(uneven, readFileSync(path))
  const { source, file } = openModelFile(uneven)
  const norm = file.tensors.get('blk.0.attn_norm.weight')
  source.close()
  const weights = Float32Array.from({ length: 64 }, (_, at) => (at % 16 === 3 ? 30 : 0.5))
  const bytes = readFileSync(uneven)
  bytes.set(new Uint8Array(weights.buffer), norm?.offset)
  writeFileSync(uneven, bytes)
  const expected = await lastStates(uneven)
  const error = async (rounding: CalibratedRounding | 'search'): Promise<number> =>
    squaredDistance(await lastStates(await convert(uneven, 'q4_0', rounding)), expected)
  expect(await error('awq')).toBeLessThan(0.9 * (await error('search')))
})
