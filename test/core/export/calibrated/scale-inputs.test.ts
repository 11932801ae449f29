import { describe, expect, it, onTestFinished } from 'vitest'
import { embed } from '../../../../core/engine/embed.js'
import { FloatBlockRunner, type FloatBlock } from '../../../../core/engine/float-block-runner.js'
import type { LoadedModel } from '../../../../core/engine/loaded-model.js'
import { OutputError } from '../../../../core/engine/output-error.js'
import { byLinear } from '../../../../core/engine/stored-block.js'
import { RoundedTensors } from '../../../../core/export/calibrated/rounded-tensors.js'
import { scaleInputs } from '../../../../core/export/calibrated/scale-inputs.js'
import { linearNames } from '../../../../core/model/description.js'
import { linearGroupNames } from '../../../../core/model/linear-groups.js'
import type { EvenTensor } from '../../../../core/quantization/rounded-matrix.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { blockInFloats } from '../../../support/block-in-floats.js'
import { openTiny } from '../../../support/open-tiny.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'

const options = { type: 'F16', embeddingType: 'F32', biases: ['attn_v', 'ffn_up'] } as const
const rows = [Int32Array.of(3, 9, 27, 17, 5), Int32Array.of(17, 51, 25, 11, 2)]

/** Block 0 with some inputs of each group that are much larger than others. */
function unevenBlock(model: LoadedModel): FloatBlock {
  const block = blockInFloats(model, 0)
  const enlarge = (values: Float32Array | undefined, columns: number): void =>
    values?.forEach((value, at) => {
      if (Math.floor(at / columns) % 16 === 3) values[at] = 30 * value
    })
  for (const name of ['attn_norm', 'ffn_norm', 'attn_v.bias', 'ffn_up.bias'] as const) {
    enlarge(block.vectors.get(name), 1)
  }
  for (const name of ['attn_v', 'ffn_up'] as const) enlarge(block.linears[name], 64)
  return block
}

async function scaled(model: LoadedModel): Promise<{
  readonly block: FloatBlock
  readonly rounded: RoundedTensors
  readonly runner: FloatBlockRunner
  readonly moments: readonly Float32Array[]
}> {
  const device = openCpuDevice({ threads: 1 })
  const runner = new FloatBlockRunner(device, model)
  const error = await OutputError.open(device)
  const rounded = new RoundedTensors(`${temporaryFolder()}/model.gguf`)
  onTestFinished(async () => {
    await runner.close()
    await error.close()
    rounded.close()
  })
  const block = unevenBlock(model)
  const { tensors } = model.blocks[0].stored
  const types = byLinear(linearNames, (name): EvenTensor => {
    const { shape } = tensors[name]
    return { name, type: 'Q4_0', shape, byteLength: ((shape[0] * shape[1]) / 32) * 18 }
  })
  const sums = await runner.inputSums(0, block, embed(model, rows))
  const moments = linearGroupNames.map((group) => sums[group].moments.slice())
  for (const [index, group] of linearGroupNames.entries()) {
    const inputs = { moments: moments[index], sizes: sums[group].sizes.slice() }
    await scaleInputs({ model, layer: 0, group }, block, inputs, types, error, rounded)
  }
  return { block, rounded, runner, moments }
}

describe('scaling what enters the linears of a block', () => {
  it('changes the block, and not what it computes', async () => {
    const { model } = openTiny(options)
    const { block, runner } = await scaled(model)
    const before = unevenBlock(model)
    for (const name of linearNames) expect(block.linears[name]).not.toEqual(before.linears[name])
    const hidden = embed(model, rows)
    const expected = (await runner.next(0, before, hidden)).data.slice()
    const found = (await runner.next(0, block, hidden)).data
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    found.forEach((value, at) => expect(Math.abs(value - expected[at]) / largest).toBeLessThan(1e-5))
  })

  it('says the moments of the scaled inputs', async () => {
    const { model } = openTiny(options)
    const { block, runner, moments } = await scaled(model)
    const sums = await runner.inputSums(0, block, embed(model, rows))
    for (const [index, group] of linearGroupNames.entries()) {
      const largest = moments[index].reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      sums[group].moments.forEach((value, at) =>
        expect(Math.abs(value - moments[index][at]) / largest).toBeLessThan(1e-4),
      )
    }
  })

  it('keeps the norms and biases that it divided, and leaves those of the model alone', async () => {
    const { model } = openTiny(options)
    const before = model.blocks[0].vectors.get('attn_norm')?.slice()
    const { block, rounded } = await scaled(model)
    for (const name of ['attn_norm', 'ffn_norm', 'attn_v.bias', 'ffn_up.bias'] as const) {
      const tensor = `blk.0.${name.endsWith('.bias') ? name : `${name}.weight`}`
      const bytes = rounded.read(tensor)?.bytes ?? new Uint8Array(0)
      expect(new Float32Array(bytes.slice().buffer)).toEqual(block.vectors.get(name))
    }
    expect(model.blocks[0].vectors.get('attn_norm')).toEqual(before)
  })
})
