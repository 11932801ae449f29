import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import type { GgufTensor } from '../../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { summarizeModel } from '../../../core/model/summary.js'
import { modelSummarySchema, type ModelSummary } from '../../../core/schema/model-summary.js'
import { tinyGguf, type TinyModel } from '../../support/tiny-gguf.js'

function summarize(
  options: Partial<TinyModel> = {},
  change: (tensor: GgufTensor) => GgufTensor = (tensor) => tensor,
): ModelSummary {
  const source = bytesSource(tinyGguf(options), 'tiny.gguf')
  const file = readGguf(source)
  const tensors = new Map([...file.tensors].map(([name, tensor]) => [name, change(tensor)]))
  return modelSummarySchema.parse(summarizeModel({ ...file, tensors }, source))
}

it('sums up a model that can be trained', () => {
  const trainable = { canTrain: true, reason: null }
  expect(summarize()).toEqual({
    path: 'tiny.gguf',
    fileBytes: tinyGguf().byteLength,
    format: 'gguf',
    formatVersion: 3,
    name: 'Tiny',
    architecture: 'llama',
    licence: 'apache-2.0',
    parameterCount: 4_096 + 5 * 64 + 2 * (2 * 64 * 64 + 2 * 32 * 64 + 3 * 96 * 64),
    layerCount: 2,
    width: 64,
    feedForwardWidth: 96,
    headCount: 4,
    kvHeadCount: 2,
    headWidth: 16,
    contextLength: 128,
    vocabularySize: 64,
    rope: { base: 10_000, dimensions: 16, scaling: 'none', positionScale: 1 },
    isOutputTied: true,
    tensorTypes: [
      { type: 'Q4_1', isSupported: true, tensorCount: 14, parameterCount: 61_440, bytes: 38_400 },
      { type: 'Q8_0', isSupported: true, tensorCount: 1, parameterCount: 4_096, bytes: 4_352 },
      { type: 'F32', isSupported: true, tensorCount: 5, parameterCount: 320, bytes: 1_280 },
    ],
    packing: null,
    tokenizer: { model: 'gpt2', pre: 'smollm' },
    hasChatTemplate: true,
    ...trainable,
    failure: null,
    recipes: [
      { recipe: 'qzo-rows', ...trainable },
      { recipe: 'qzo', ...trainable },
      { recipe: 'qzo-paper', ...trainable },
    ],
  })
})

it('says that a model in floats has no scales to train', () => {
  const { canTrain, recipes } = summarize({ type: 'F16' })
  expect(canTrain).toBe(true)
  expect(recipes.map((recipe) => recipe.canTrain)).toEqual([true, false, false])
  expect(recipes[1].reason).toBe(
    'There are no block scales to train: the linear layers are F16, not quantized',
  )
})

it('gives the sizes of another architecture and says why it cannot be trained', () => {
  const uint32 = (value: number) => ({ type: 'uint32', value }) as const
  const summary = summarize({
    metadata: {
      'general.architecture': { type: 'string', value: 'mamba' },
      'mamba.block_count': uint32(24),
      'mamba.context_length': uint32(32_768),
      'mamba.embedding_length': { type: 'uint64', value: 896n },
    },
  })
  expect(summary).toMatchObject({
    architecture: 'mamba',
    layerCount: 24,
    contextLength: 32_768,
    width: 896,
    headCount: null,
    vocabularySize: 64,
    rope: null,
    canTrain: false,
    reason:
      "'tiny.gguf' uses the architecture 'mamba'; supported is llama, qwen2, qwen3, gemma2, gemma3, phi3, smollm3, olmo2, granite, stablelm",
    failure: { code: 'model-unsupported', details: { feature: "the architecture 'mamba'" } },
  })
  expect(summary.recipes.every((recipe) => !recipe.canTrain && recipe.reason === summary.reason)).toBe(true)
})

it('names a tensor type that it cannot read', () => {
  const summary = summarize({}, (tensor) => (tensor.type === 'Q4_1' ? { ...tensor, type: 'IQ2_XS' } : tensor))
  expect(summary.canTrain).toBe(false)
  expect(summary.reason).toMatch("tensor type IQ2_XS (in 'blk.0.attn_q.weight'); supported is Q4_0, Q4_1")
  expect(summary.tensorTypes[0]).toMatchObject({ type: 'IQ2_XS', isSupported: false, tensorCount: 14 })
})

it('has nulls for what a file does not say', () => {
  const gone = ['general.name', 'general.license', 'tokenizer.chat_template', 'tokenizer.ggml.pre']
  const summary = summarize({ metadata: Object.fromEntries(gone.map((key) => [key, undefined])) })
  expect(summary).toMatchObject({ name: null, licence: null, hasChatTemplate: false })
  expect(summary.tokenizer).toEqual({ model: 'gpt2', pre: null })
})
