import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { openOnnxFolder } from '../../../core/engine/onnx-folder.js'
import { exportOnnx, type OnnxExportRequest } from '../../../core/export/onnx/export-onnx.js'
import { RowFactors } from '../../../core/parameters/row-factors.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny, type ModelParts } from '../../support/open-tiny.js'
import { mountSmallDisk } from '../../support/small-disk.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import type { TinyModel } from '../../support/tiny-gguf.js'

const device = openCpuDevice({ threads: 1 })
const noDate = new Date(0)
const text = 'a small model, of random weights.'
/** Logits of these models are a few units; the same products summed in another order agree to this. */
const rounding = 1e-5

function requestFor(parts: ModelParts, trained: OnnxExportRequest['trained'] = null): OnnxExportRequest {
  return { ...parts, trained, folder: join(temporaryFolder(), 'exported'), device }
}

/** Row and column factors of up to a few percent. */
function movedFactors({ model }: ModelParts): RowFactors {
  const { layerCount } = model.description
  const factors = new RowFactors(model.description, {
    firstLayer: 0,
    endLayer: layerCount,
    hasColumns: true,
  })
  factors.move(
    5,
    Array.from({ length: 8 }, (_, lane) => 3000 * (lane - 3)),
  )
  return factors
}

async function logitsAfter(folder: string, ids: readonly number[]): Promise<Float32Array> {
  const { model } = await openOnnxFolder(folder, device, noDate)
  const logits = await model.next(ids)
  await model.close()
  return logits
}

it.each<[string, Partial<TinyModel>]>([
  ['4-bit linears and a tied 8-bit table', {}],
  ['a tied table with zero points', { embeddingType: 'Q4_1' }],
  ['a table and an output of their own', { embeddingType: 'Q4_0', outputType: 'Q8_0', type: 'Q4_0' }],
  ['half floats', { type: 'F16', embeddingType: 'F16' }],
  ['floats', { type: 'BF16', embeddingType: 'F32', outputType: 'F16' }],
  ['biases and rope factors', { biases: ['attn_q', 'attn_v', 'ffn_down'], hasRopeFactors: true }],
])('gives the logits of the engine for %s, trained and not', async (_, options) => {
  const parts = openTiny(options)
  const base = await exportOnnx(requestFor(parts))
  const trained = await exportOnnx(requestFor(parts, movedFactors(parts)))
  expect(base.logitDifference).toBeLessThan(rounding)
  expect(trained.logitDifference).toBeLessThan(rounding)
  const ids = parts.tokenizer.encode(text, 'text')
  expect(await logitsAfter(trained.folder, ids)).not.toEqual(await logitsAfter(base.folder, ids))
})

it('gives the same logits with the cache as without it', async () => {
  const parts = openTiny()
  const { folder } = await exportOnnx(requestFor(parts))
  const ids = parts.tokenizer.encode(text.repeat(4).slice(0, 120), 'text')
  const { model } = await openOnnxFolder(folder, device, noDate)
  const whole = await model.next(ids)
  model.reset()
  let last: Float32Array = new Float32Array(0)
  for (const id of ids) last = await model.next([id])
  await model.close()
  whole.forEach((logit, index) => expect(Math.abs(logit - last[index])).toBeLessThan(rounding))
})

it('refuses a text that leaves the context, and reads on after a reset', async () => {
  const parts = openTiny({ contextLength: 16 })
  const { folder } = await exportOnnx(requestFor(openTiny({ contextLength: 128 })))
  const { model } = await openOnnxFolder(folder, device, noDate)
  const ids = new Array<number>(100).fill(5)
  await model.next(ids)
  await expect(model.next(ids)).rejects.toMatchObject({
    code: 'prompt-too-long',
    details: { tokens: 200, contextLength: 128 },
  })
  model.reset()
  expect(await model.next(ids)).toHaveLength(parts.model.description.vocabularySize)
  await model.close()
})

it('writes the tokenizer and the chat template, and reads them back exactly', async () => {
  const parts = openTiny({ vocabulary: 400 })
  const { folder } = await exportOnnx(requestFor(parts))
  const { tokenizer, chat, model } = await openOnnxFolder(folder, device, noDate)
  await model.close()
  const hostile = `${text} <|im_end|> Größe 你好`
  expect(tokenizer.encode(hostile, 'text')).toEqual(parts.tokenizer.encode(hostile, 'text'))
  expect(chat?.render([{ role: 'user', content: 'hello' }], true)).toContain('hello<|im_end|>')
  expect(json(folder, 'tokenizer.json')).toEqual(parts.tokenizer.toJson())
  expect(json(folder, 'tokenizer_config.json')).toMatchObject({
    tokenizer_class: 'GPT2Tokenizer',
    bos_token: '<|im_start|>',
    eos_token: '<|im_end|>',
    pad_token: '<|im_end|>',
  })
})

it('describes the model for other programs', async () => {
  const parts = openTiny()
  const { folder, byteLength } = await exportOnnx(requestFor(parts))
  expect(json(folder, 'genai_config.json')).toMatchObject({
    model: {
      type: 'llama',
      context_length: 128,
      vocab_size: 64,
      eos_token_id: [2, 0],
      decoder: { filename: 'model.onnx', num_hidden_layers: 2, num_key_value_heads: 2, head_size: 16 },
    },
  })
  expect(json(folder, 'config.json')).toMatchObject({
    model_type: 'llama',
    hidden_size: 64,
    intermediate_size: 96,
    head_dim: 16,
    tie_word_embeddings: true,
  })
  const sizes = readdirSync(folder).map((file) => readFileSync(join(folder, file)).byteLength)
  expect(byteLength).toBe(sizes.reduce((sum, size) => sum + size, 0))
})

it('keeps an existing folder', async () => {
  const request = requestFor(openTiny())
  await exportOnnx(request)
  const before = readFileSync(join(request.folder, 'model.onnx_data'))
  await expect(exportOnnx({ ...request, ...openTiny({ seed: 2 }) })).rejects.toMatchObject({
    code: 'file-exists',
  })
  expect(readFileSync(join(request.folder, 'model.onnx_data')).equals(before)).toBe(true)
})

it('leaves nothing behind where the export is not what the engine runs', async () => {
  const parts = openTiny()
  const moved = movedFactors(parts)
  const request = requestFor(parts, {
    overrides: () => () => null,
    scaleFactors: (layer, name) => moved.scaleFactors(layer, name),
  })
  await expect(exportOnnx(request)).rejects.toMatchObject({
    code: 'export-mismatch',
    details: { path: request.folder },
  })
  expect(existsSync(request.folder)).toBe(false)
  expect(readdirSync(dirname(request.folder))).toEqual([])
})

it('leaves nothing behind on a full disk (needs the right to mount)', async (context) => {
  const disk = mountSmallDisk(64)
  if (disk === null) return context.skip()
  const request = { ...requestFor(openTiny()), folder: join(disk, 'exported') }
  await expect(exportOnnx(request)).rejects.toMatchObject({
    code: 'file-unwritable',
    details: { path: join(request.folder, 'model.onnx_data') },
  })
  expect(readdirSync(disk)).toEqual([])
})

it.each<[string, string, string]>([
  ['genai_config.json', 'not JSON', 'the whole file'],
  ['genai_config.json', '{"model":{"context_length":0}}', 'model.context_length'],
])('names what is wrong with a damaged %s', async (file, content, where) => {
  const request = requestFor(openTiny())
  await exportOnnx(request)
  writeFileSync(join(request.folder, file), content)
  await expect(openOnnxFolder(request.folder, device, noDate)).rejects.toMatchObject({
    code: 'model-malformed',
    details: { path: join(request.folder, file), where },
  })
})

function json(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown
}
