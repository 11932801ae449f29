import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noChanges, type ModelChanges } from '../../../core/engine/model-changes.js'
import { openModel, type OpenModel } from '../../../core/engine/open-model.js'
import { exportSafetensors } from '../../../core/export/safetensors/export-safetensors.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { caughtError } from '../../support/caught-error.js'
import { equalFactors } from '../../support/random-factors.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf, type TinyModel } from '../../support/tiny-gguf.js'
import { weightsOf } from '../../support/weights-of.js'

const date = new Date(0)

interface Exported {
  readonly base: OpenModel
  readonly folder: string
}

async function exported(
  options: Partial<TinyModel> = {},
  changesOf: (base: OpenModel) => ModelChanges = () => noChanges,
): Promise<Exported> {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, { type: 'F16', embeddingType: 'F16', ...options })
  const folder = join(temporaryFolder(), 'model')
  const base = openModel(path, date)
  const { source, file } = openModelFile(path)
  const { description } = base.model
  const request = { source, file, description, tokenizer: base.tokenizer, folder }
  await exportSafetensors({ ...request, changes: changesOf(base) })
  source.close()
  return { base, folder }
}

function valuesOf(matrix: Matrix): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

describe('a model written as a folder of safetensors', () => {
  it('is the same model when the folder is opened', async () => {
    const { base, folder } = await exported({ biases: ['attn_q', 'attn_k'] })
    const again = openModel(folder, date)
    expect(weightsOf(again.model)).toEqual(weightsOf(base.model))
    expect(again.model.outputNorm).toEqual(base.model.outputNorm)
    const { name } = again.model.description
    expect(again.model.description).toEqual({ ...base.model.description, name })
    const text = 'a sun in the rain'
    expect(again.tokenizer.encode(text, 'text')).toEqual(base.tokenizer.encode(text, 'text'))
    expect(again.tokenizer.eosId).toBe(base.tokenizer.eosId)
  })

  it("has the rows of queries and keys in Hugging Face's order", async () => {
    const { base, folder } = await exported()
    const bytes = readFileSync(join(folder, 'model.safetensors'))
    const headerBytes = Number(bytes.readBigUInt64LE())
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Readonly<
      Record<string, { readonly data_offsets: readonly [number, number]; readonly dtype: string }>
    >
    const { data_offsets: place, dtype } = header['model.layers.1.self_attn.k_proj.weight']
    expect(dtype).toBe('F16')
    const { headWidth, width } = base.model.description
    const row = (index: number): Buffer => {
      const start = 8 + headerBytes + place[0] + index * 2 * width
      return bytes.subarray(start, start + 2 * width)
    }
    const { attn_k: keys } = base.model.blocks[1].linears
    const ofBase = (index: number): Buffer =>
      keys.kind === 'float16'
        ? Buffer.from(keys.values.slice(index * width, (index + 1) * width).buffer)
        : Buffer.alloc(0)
    // Neighbours 2i and 2i + 1 of a head come from its two halves.
    expect(row(0).equals(ofBase(0))).toBe(true)
    expect(row(1).equals(ofBase(2))).toBe(true)
    expect(row(headWidth / 2).equals(ofBase(1))).toBe(true)
    expect(row(headWidth + 1).equals(ofBase(headWidth + 2))).toBe(true)
  })

  it('holds what training made of a quantized model, in half floats', async () => {
    const { base, folder } = await exported({ type: 'Q4_1' }, ({ model }) => ({
      scaleFactors: equalFactors(model.description, 2),
    }))
    const found = valuesOf(openModel(folder, date).model.blocks[0].linears.ffn_up)
    const expected = valuesOf(base.model.blocks[0].linears.ffn_up)
    found.forEach((value, i) => {
      expect(Math.abs(value - 2 * expected[i])).toBeLessThanOrEqual(
        2 ** -10 * Math.abs(expected[i]) + 2 ** -24,
      )
    })
  })

  it('is not written over another, and leaves nothing where it cannot be written', async () => {
    const folder = join(temporaryFolder(), 'model')
    mkdirSync(folder)
    const path = join(temporaryFolder(), 'tiny.gguf')
    writeTinyGguf(path, { hasRopeFactors: true })
    const { model, tokenizer } = openModel(path, date)
    const { source, file } = openModelFile(path)
    const request = { source, file, description: model.description, tokenizer, changes: noChanges }
    await expect(exportSafetensors({ ...request, folder })).rejects.toMatchObject({ code: 'file-exists' })
    const other = join(temporaryFolder(), 'other')
    const refused = exportSafetensors({ ...request, folder: other })
    await expect(refused).rejects.toMatchObject({ code: 'model-unsupported' })
    expect(existsSync(other)).toBe(false)
    source.close()
  })
})

describe('a folder is refused', () => {
  const change = (folder: string, file: string, edit: (value: Record<string, unknown>) => object): void => {
    const path = join(folder, file)
    const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    writeFileSync(path, JSON.stringify(edit(value)))
  }
  const failure = async (file: string, edit: (value: Record<string, unknown>) => object) => {
    const { folder } = await exported({ layers: 1 })
    change(folder, file, edit)
    return caughtError(() => openModel(folder, date))
  }

  it('by the name of what it has and we lack', async () => {
    const other = await failure('config.json', (config) => ({ ...config, model_type: 'mamba' }))
    expect(other.code).toBe('model-unsupported')
    expect(other.message).toContain("model type 'mamba'")
    const packed = await failure('config.json', (config) => ({
      ...config,
      quantization_config: { quant_method: 'fp8' },
    }))
    expect(packed.message).toContain('weights quantized by fp8')
    const words = await failure('tokenizer.json', (value) => ({
      ...value,
      pre_tokenizer: { type: 'Whitespace' },
    }))
    expect(words.code).toBe('model-unsupported')
  })

  it('by the field that is wrong', async () => {
    const missing = await failure('config.json', (config) => ({ ...config, hidden_size: undefined }))
    expect(missing.code).toBe('model-malformed')
    expect(missing.details).toMatchObject({ where: 'hidden_size' })
    const larger = await failure('config.json', (config) => ({ ...config, intermediate_size: 1000 }))
    expect(larger.message).toContain('blk.0.ffn_gate.weight')
  })

  it.each(['../model.safetensors', '/etc/passwd', 'a/b.safetensors', '..\\x.safetensors'])(
    'where its index leads to %s',
    async (name) => {
      const { folder } = await exported({ layers: 1 })
      const index = { weight_map: { 'model.norm.weight': name } }
      writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify(index))
      const error = caughtError(() => openModel(folder, date))
      expect(error).toBeInstanceOf(EngineError)
      expect(error.message).toContain('is no file name in this folder')
    },
  )
})
