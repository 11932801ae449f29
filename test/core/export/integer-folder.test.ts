import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTokenizer } from '../../../core/data/tokenizer/create-tokenizer.js'
import { loadModel, type LoadedModel } from '../../../core/engine/loaded-model.js'
import { noChanges } from '../../../core/engine/model-changes.js'
import { convertGguf } from '../../../core/export/convert-gguf.js'
import { exportSafetensors } from '../../../core/export/safetensors/export-safetensors.js'
import { toIntegers } from '../../../core/export/safetensors/integer-parts.js'
import { describeModel } from '../../../core/model/describe-model.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { IntegerQuantizer } from '../../../core/quantization/integer-quantizer.js'
import { caughtError } from '../../support/caught-error.js'
import { hiddenAfter } from '../../support/hidden-after.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

/** A random model of half floats, and the folder that it is written as. */
async function quantized(quantizer: IntegerQuantizer) {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, { type: 'F16', embeddingType: 'F16' })
  const folder = join(temporaryFolder(), 'model')
  const { source, file } = openModelFile(path)
  const description = describeModel(file, source)
  const tokenizer = createTokenizer(file.metadata, path)
  const request = { source, file, description, tokenizer, changes: noChanges, folder }
  await exportSafetensors({ ...request, quantizer: toIntegers(quantizer) })
  source.close()
  return { path, folder }
}

function opened(path: string): LoadedModel {
  const model = loadModel(path)
  onTestFinished(() => model.close())
  return model
}

/** Of all linears of blocks, the root of their relative squared error. */
function errorOf(before: LoadedModel, after: LoadedModel): number {
  let [error, size] = [0, 0]
  before.blocks.forEach(({ linears }, layer) => {
    for (const [name, matrix] of Object.entries(linears)) {
      const other = after.blocks[layer].linears[name as keyof typeof linears]
      const [expected, found] = [new Float32Array(matrix.columns), new Float32Array(matrix.columns)]
      for (let row = 0; row < matrix.rows; row++) {
        dequantizeRow(matrix, row, expected, 0)
        dequantizeRow(other, row, found, 0)
        expected.forEach((value, i) => (error += (value - found[i]) ** 2))
        expected.forEach((value) => (size += value ** 2))
      }
    }
  })
  return Math.sqrt(error / size)
}

const search = { rounding: 'search', blockLength: 16 } as const
const cases = [
  { ...search, bits: 2, grid: 'asymmetric', type: 'UINT4_16', most: 0.4 },
  { ...search, bits: 3, grid: 'signed', type: 'INT4_16', most: 0.2 },
  { ...search, bits: 4, grid: 'symmetric', type: 'INT4_16', most: 0.1 },
  { ...search, bits: 4, grid: 'asymmetric', blockLength: 32, type: 'UINT4_32', most: 0.1 },
  { ...search, bits: 8, grid: 'signed', blockLength: 32, type: 'INT8_32', most: 0.006 },
  { ...search, bits: 8, grid: 'asymmetric', type: 'UINT8_16', most: 0.006 },
] as const

describe('a folder of integers in blocks', () => {
  it.each(cases)('of $bits bits, $grid, is near its model, and runs as its values say', async (each) => {
    const { path, folder } = await quantized(each)
    const { source, file } = openModelFile(folder)
    expect(file.tensors.get('blk.0.attn_q.weight')?.type).toBe(each.type)
    expect(file.tensors.get('token_embd.weight')?.type).toBe('F16')
    const model = opened(folder)
    expect(errorOf(opened(path), model)).toBeLessThan(each.most)
    expect(errorOf(opened(path), model)).toBeGreaterThan(each.most / 10)
    const target = join(temporaryFolder(), 'same.gguf')
    const { layerCount } = model.description
    convertGguf({ source, file, layerCount, type: 'f16', changes: noChanges }, target)
    source.close()
    const [expected, found] = [await hiddenAfter(opened(target)), await hiddenAfter(model)]
    const size = Math.max(...expected.map(Math.abs))
    found.forEach((value, i) => expect(Math.abs(value - expected[i]) / size).toBeLessThan(3e-3))
  })

  it('says what it is, and is refused where its parts do not fit', async () => {
    const { folder } = await quantized({ bits: 3, grid: 'asymmetric', rounding: 'nearest', blockLength: 32 })
    const path = join(folder, 'config.json')
    const config = JSON.parse(readFileSync(path, 'utf8')) as { quantization_config: object }
    expect(config.quantization_config).toEqual({
      quant_method: 'integer-blocks',
      bits: 3,
      code_bits: 4,
      block_size: 32,
      grid: 'asymmetric',
      rounding: 'nearest',
    })
    writeFileSync(
      path,
      JSON.stringify({ ...config, quantization_config: { ...config.quantization_config, block_size: 16 } }),
    )
    expect(caughtError(() => openModelFile(folder))).toMatchObject({ code: 'model-malformed' })
  })
})
