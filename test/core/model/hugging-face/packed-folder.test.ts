import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDecoder } from '../../../../core/engine/decoder.js'
import { loadModel } from '../../../../core/engine/loaded-model.js'
import { openModelFolder } from '../../../../core/model/hugging-face/open-model-folder.js'
import { ggufName, rowAfterPermutation } from '../../../../core/model/hugging-face/tensor-map.js'
import { readRows } from '../../../../core/quantization/read-rows.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { caughtError } from '../../../support/caught-error.js'
import {
  packedModel,
  packedModels,
  writePackedFolder,
  type PackedModel,
} from '../../../support/packed-models.js'
import { randomNumbers } from '../../../support/random-numbers.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'

const headWidth = 32
const types: Readonly<Record<string, string>> = {
  'gptq-symmetric-32': 'Q4_0',
  'gptq-64': 'Q5_0',
  'gptq-v2-128': 'Q5_0',
  'gptq-act-order-32': 'F16',
  'gptq-8-bit-64': 'Q8_0',
  'awq-64': 'Q5_0',
}

function folderOf(model: PackedModel, more: Partial<PackedModel> = {}): string {
  const folder = join(temporaryFolder(), 'packed')
  writePackedFolder({ ...model, ...more }, folder)
  return folder
}

function openAt(folder: string): ReturnType<typeof openModelFolder> {
  const open = openModelFolder(folder)
  onTestFinished(() => open.source.close())
  return open
}

describe.each(packedModels())('a packed folder, %s:', (name, golden) => {
  it("has the quantizer's weights", () => {
    const { source, file } = openAt(folderOf(golden))
    for (const [stem, samples] of Object.entries(golden.samples)) {
      const mapped = ggufName(`${stem}.weight`)
      const tensor = file.tensors.get(mapped?.name ?? '')
      if (tensor === undefined) throw new Error(`no ${stem}`)
      expect(tensor.type).toBe(types[name])
      const read = readRows(source, tensor)
      const values = new Float32Array(tensor.shape[1])
      for (const [row, column, value] of samples) {
        read(mapped?.heads ? rowAfterPermutation(row, headWidth) : row, values)
        if (types[name] === 'F16')
          expect(Math.abs(values[column] - value)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value))
        else expect(values[column]).toBe(value)
      }
    }
  })

  it('has its logits', async () => {
    const model = loadModel(folderOf(golden))
    onTestFinished(() => model.close())
    const { ffn_up: linear } = model.blocks[0].linears
    const bits = linear.kind === 'quantized' ? linear.bits : 16
    expect(bits).toBe({ Q4_0: 4, Q5_0: 4, Q8_0: 8 }[types[name]] ?? 16)
    const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model)
    onTestFinished(() => decoder.close())
    for (const [index, position] of golden.positions.entries()) {
      decoder.reset()
      const found = await decoder.next(golden.tokens.slice(0, position + 1))
      const expected = golden.logits[index]
      const size = Math.max(...expected.map(Math.abs))
      const difference = Math.max(...expected.map((value, i) => Math.abs(found[i] - value))) / size
      expect(difference).toBeLessThan(types[name] === 'F16' ? 1e-3 : 2e-4)
    }
  })

  it('gives the same bytes in whatever pieces they are read', () => {
    const { source } = openAt(folderOf(golden))
    const whole = source.read(0, source.byteLength)
    const random = randomNumbers(7)
    for (let round = 0; round < 50; round++) {
      const start = random.below(source.byteLength)
      const length = random.below(Math.min(20_000, source.byteLength - start))
      expect(Buffer.compare(source.read(start, length), whole.subarray(start, start + length))).toBe(0)
    }
  })
})

describe('a packed folder', () => {
  const golden = packedModel('gptq-64')
  const packing = golden.config.quantization_config as Readonly<Record<string, unknown>>
  const withPacking = (changed: Readonly<Record<string, unknown>>): PackedModel => ({
    ...golden,
    config: { ...golden.config, quantization_config: { ...packing, ...changed } },
  })
  const failure = (model: PackedModel) => caughtError(() => openModelFolder(folderOf(model)))

  it('may say how it is packed in a file of its own', () => {
    const folder = folderOf(golden)
    const { quantization_config: own, ...config } = golden.config
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    expect(caughtError(() => openModelFolder(folder)).message).toContain('qweight')
    writeFileSync(
      join(folder, 'quantize_config.json'),
      JSON.stringify({ ...(own as object), quant_method: undefined }),
    )
    expect(openAt(folder).file.tensors.get('blk.0.ffn_up.weight')?.type).toBe('Q5_0')
  })

  it('may have biases of zeros, which are left out', () => {
    const bias = ['F16', [256], 'values', 1, 0, 0] as const
    const { file } = openAt(
      folderOf(golden, { tensors: { ...golden.tensors, 'model.layers.0.mlp.up_proj.bias': bias } }),
    )
    expect(file.tensors.has('blk.0.ffn_up.bias')).toBe(false)
  })

  it('is refused by the name of what it has and we lack', () => {
    expect(failure(withPacking({ quant_method: 'bitsandbytes' })).message).toMatch(
      /quantized by bitsandbytes.*gptq and awq/,
    )
    expect(failure(withPacking({ bits: 3 })).message).toContain('weights of 3 bits by gptq')
    expect(failure(withPacking({ checkpoint_format: 'marlin' })).message).toContain("layout 'marlin'")
    const awq = failure(withPacking({ quant_method: 'awq', checkpoint_format: undefined, version: 'gemv' }))
    expect(awq).toMatchObject({ code: 'model-unsupported' })
    const scales = ['F32', [2, 256], 'values', 3, 0.01, 0.001] as const
    const fine = failure({
      ...golden,
      tensors: { ...golden.tensors, 'model.layers.0.mlp.up_proj.scales': scales },
    })
    expect(fine.message).toContain('save the model with scales in float16')
  })

  it('is refused by the part that is missing or of another shape', () => {
    const missing = 'model.layers.0.mlp.up_proj.qzeros'
    const rest = Object.fromEntries(Object.entries(golden.tensors).filter(([name]) => name !== missing))
    expect(failure({ ...golden, tensors: rest })).toMatchObject({
      code: 'model-malformed',
      details: { where: `tensor '${missing}'` },
    })
    const other = failure(withPacking({ group_size: 32 }))
    expect(other.message).toMatch(/expected I32 \[4, \d+\], found I32 \[2, \d+\]/)
    const groups = ['I32', [128], 'word', 2] as const
    const beyond = failure({
      ...golden,
      tensors: { ...golden.tensors, 'model.layers.0.mlp.up_proj.g_idx': groups },
    })
    expect(beyond.message).toContain('expected groups below 2, found 2 for column 0')
  })
})
