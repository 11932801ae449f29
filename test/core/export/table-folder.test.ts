import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTokenizer } from '../../../core/data/tokenizer/create-tokenizer.js'
import { openDecoder } from '../../../core/engine/decoder.js'
import { loadModel, type LoadedModel } from '../../../core/engine/loaded-model.js'
import { noChanges } from '../../../core/engine/model-changes.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { exportSafetensors } from '../../../core/export/safetensors/export-safetensors.js'
import { toTable } from '../../../core/export/safetensors/table-parts.js'
import { forwardBytes } from '../../../core/memory/block-bytes.js'
import { describeModel } from '../../../core/model/describe-model.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import {
  tableQuantizer,
  tableQuantizerNames,
  type TableQuantizerName,
} from '../../../core/quantization/code-tables/table-quantizer.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { floatToHalf, halfToFloat } from '../../../core/quantization/half-float.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { createParameters } from '../../../core/training/recipes.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { caughtError } from '../../support/caught-error.js'
import { hiddenAfter } from '../../support/hidden-after.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

/** A random model of half floats, and the folder that it is written as. */
async function quantized(name: TableQuantizerName, blockLength: 16 | 64 = 16) {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, { type: 'F16', embeddingType: 'F16' })
  addOutliers(path)
  const folder = join(temporaryFolder(), 'model')
  const { source, file } = openModelFile(path)
  const description = describeModel(file, source)
  const tokenizer = createTokenizer(file.metadata, path)
  const quantizer = toTable(tableQuantizer(name, blockLength))
  const request = { source, file, description, tokenizer, changes: noChanges, folder, quantizer }
  await exportSafetensors(request)
  source.close()
  return { path, folder }
}

/** Makes one in 41 weights of each linear ten times as large. */
function addOutliers(path: string): void {
  const { source, file } = openModelFile(path)
  source.close()
  const bytes = readFileSync(path)
  for (const { name, shape, offset, byteLength } of file.tensors.values()) {
    if (shape.length !== 2 || !name.startsWith('blk.')) continue
    for (let at = offset; at < offset + byteLength; at += 2 * 41) {
      bytes.writeUInt16LE(floatToHalf(10 * halfToFloat(bytes.readUInt16LE(at))), at)
    }
  }
  writeFileSync(path, bytes)
}

function opened(path: string): LoadedModel {
  const model = loadModel(path)
  onTestFinished(() => model.close())
  return model
}

function valuesOf(matrix: Matrix): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

function largestDifference(one: Float32Array, other: Float32Array): number {
  const size = one.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0) / size
}

describe.each(tableQuantizerNames)('a folder of %s', (name) => {
  it('is near the model that it was made of, block by block', async () => {
    const { path, folder } = await quantized(name)
    const [before, after] = [opened(path), opened(folder)]
    before.blocks.forEach(({ linears }, layer) => {
      for (const [linear, matrix] of Object.entries(linears)) {
        const [expected, found] = [matrix, after.blocks[layer].linears[linear as keyof typeof linears]].map(
          valuesOf,
        )
        const error = expected.reduce((sum, value, i) => sum + (value - found[i]) ** 2, 0)
        const size = expected.reduce((sum, value) => sum + value ** 2, 0)
        // Some blocks have outliers, which take the levels from the others.
        expect(Math.sqrt(error / size)).toBeGreaterThan(0.01)
        expect(Math.sqrt(error / size)).toBeLessThan(0.15)
      }
    })
  })

  it('runs, and generates, as its values say', async () => {
    const { folder } = await quantized(name)
    const target = join(temporaryFolder(), 'same.gguf')
    exportGguf({ basePath: folder, target, changes: noChanges })
    const [model, floats] = [opened(folder), opened(target)]
    expect(model.blocks[0].linears.attn_q.kind).toBe('quantized')
    expect(floats.blocks[0].linears.attn_q.kind).toBe('float16')
    expect(largestDifference(await hiddenAfter(floats), await hiddenAfter(model))).toBeLessThan(2e-3)
    const device = openCpuDevice({ threads: 1 })
    const [one, other] = [await openDecoder(device, model), await openDecoder(device, floats)]
    onTestFinished(async () => {
      await one.close()
      await other.close()
    })
    const tokens = [3, 9, 12, 5]
    expect(largestDifference(await other.next(tokens), await one.next(tokens))).toBeLessThan(2e-3)
  })
})

describe('a folder of codes with a table', () => {
  const edited = async (name: TableQuantizerName, from: string, to: string): Promise<unknown> => {
    const { folder } = await quantized(name)
    const path = join(folder, 'model.safetensors')
    const bytes = readFileSync(path)
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at)
    writeFileSync(path, bytes)
    return caughtError(() => openModelFile(folder))
  }

  it('has the words of bitsandbytes where the table is its own', async () => {
    const { folder } = await quantized('nf4')
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>
    expect(config.quantization_config).toMatchObject({
      quant_method: 'bitsandbytes',
      load_in_4bit: true,
      bnb_4bit_quant_type: 'nf4',
    })
    const { file, source } = openModelFile(folder)
    expect(file.tensors.get('blk.0.attn_q.weight')?.type).toBe('NF4_16')
    expect(file.tensors.get('token_embd.weight')?.type).toBe('F16')
    source.close()
  })

  it('is refused where its parts do not fit', async () => {
    expect(await edited('nf4', '"quant_type":"nf4"', '"quant_type":"fp4"')).toMatchObject({
      code: 'model-unsupported',
    })
    expect(await edited('nf4', '"blocksize":16', '"blocksize":32')).toMatchObject({ code: 'model-malformed' })
    expect(
      await edited('bof4-s', 'self_attn.q_proj.weight.quant_map', 'self_attn.q_proj.weight.quant_mop'),
    ).toMatchObject({
      code: 'model-malformed',
      details: { where: "tensor 'model.layers.0.self_attn.q_proj.weight.quant_map'" },
    })
  })

  it.each([
    ['zeroqat', 'needs linears of a 4-bit type'],
    ['quzo', 'whose codes can be trained'],
  ] as const)('is not trained by %s, which moves codes', async (name, reason) => {
    const { folder } = await quantized('bof4-s')
    const model = opened(folder)
    const recipe = resolveRecipe({ recipe: name, seed: 1 }, model.description.layerCount)
    const error = caughtError(() => createParameters(recipe, model))
    expect(error).toMatchObject({ code: 'model-untrainable' })
    expect(error.message).toContain(reason)
  })

  it('is planned with its outliers, and with room to look codes up', async () => {
    const [plain, opq] = [await quantized('bof4-s'), await quantized('bof4-s-opq')].map(({ folder }) =>
      opened(folder),
    )
    const outliers = opq.blocks.flatMap(({ linears }) =>
      Object.values(linears).map((matrix) =>
        matrix.kind === 'quantized' ? (matrix.outliers?.values.length ?? 0) : 0,
      ),
    )
    const sizeOf = ({ blocks }: LoadedModel): number =>
      blocks.reduce((sum, { stored }) => sum + stored.byteLength, 0)
    expect(sizeOf(opq) - sizeOf(plain)).toBe(12 * outliers.reduce((sum, count) => sum + count, 0))
    expect(Math.max(...outliers)).toBeGreaterThan(10)
    const run = { tokens: 1, longestSequence: 1 }
    const { description } = plain
    const looked = forwardBytes(description, run, true) - forwardBytes(description, run, false)
    // Of the largest linear, 64 × 96: six bytes more a weight than its float.
    expect(looked).toBe(6 * 64 * 96)
  })

  it('is refused for blocks that do not divide a row', async () => {
    await expect(quantized('nf4', 64)).rejects.toMatchObject({ code: 'request-invalid' })
  })
})
